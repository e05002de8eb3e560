"""The case environment over HTTP and WebSocket, as OpenEnv 0.10 clients expect it."""
