"""The whole service on one laptop: engines, demo settings and a supervisor."""
