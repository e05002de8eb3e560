"""ClickHouse as the engine that keeps and counts payments: embedded in this process, or a server."""
