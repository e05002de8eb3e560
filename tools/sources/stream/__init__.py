"""What every source that is asked again and again shares: pace, outages, and windows made of counted rows."""
