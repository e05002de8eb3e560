"""Juspay's Decision Engine, alone or inside Hyperswitch: actions as routing rules of a merchant."""
