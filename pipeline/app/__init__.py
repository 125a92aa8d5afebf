"""The one place where parts are put together: content, calendar, store and channels become what the commands do."""
