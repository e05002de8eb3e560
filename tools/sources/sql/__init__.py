"""One query that counts payments, over any table of any database."""
