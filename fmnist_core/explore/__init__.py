"""The 70,000 pictures themselves: what can be known of them before any network is trained."""
