"""Everything that touches the world: ports, sources, actuators, alerts, outbox."""
