"""What partners take: kits, prints, feeds, embeds, and notices of what changed. It stands on the site's pages."""
