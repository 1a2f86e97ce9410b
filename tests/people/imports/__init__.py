"""Spreadsheets as offices have them."""
