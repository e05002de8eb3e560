"""Who starts it: settings, the choice of adapters, what people see in a terminal."""
