"""One search box for people and places: by pieces of names, pinyin, telephone numbers, plates, and codes however they are said."""
