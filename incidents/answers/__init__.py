"""What departments and residents say back: acknowledgements by link, SMS, voice or the desk; residents' "safe" and "need help"."""
