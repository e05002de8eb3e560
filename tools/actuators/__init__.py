"""What carries out an action: the four tools, and an actuator that only records."""
