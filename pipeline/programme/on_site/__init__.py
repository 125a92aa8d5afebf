"""What the programmes around the campaigns add to the public site."""
