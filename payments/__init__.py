"""The words of the trade: plain, frozen values that every room shares; imports nothing of ours."""
