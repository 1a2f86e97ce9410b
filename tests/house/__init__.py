"""The rules of the house as tests: each file is named for its rule, and each refusal says what to do."""
