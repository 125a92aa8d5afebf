"""From a campaign's calendar to the deliveries it wants, and what that changes in the outbox."""
