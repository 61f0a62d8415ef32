"""Signing in with the Hub: allauth's OpenID Connect, and the checks that allauth leaves out."""
