"""Where increments come from: replays of files, planned downtimes."""
