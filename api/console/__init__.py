"""The pages: desk, declaring, room, the page behind an alert's link, the resident's page, log-in, and the demo's phones."""
