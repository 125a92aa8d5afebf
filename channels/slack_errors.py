"""What the words mean with which Slack says no: tables, and what to do about some of them. Pure data.

Source: docs.slack.dev, the lists of errors of the methods that the channel calls, read 2026-11-25. A word that stands
in none of these tables (``internal_error`` and ``fatal_error`` among them, of which Slack says that a part may have
worked) proves nothing.
"""

from __future__ import annotations

ACCOUNT = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "no_permission",
        "missing_scope",
        "access_denied",
        "not_allowed_token_type",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
        "two_factor_setup_required",
        "enterprise_is_restricted",
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "messages_tab_disabled",
        "method_deprecated",
        "deprecated_endpoint",
        "file_uploads_disabled",
    }
)
"""What is the account's fault and not the text's."""

CONTENT = frozenset(
    {
        "msg_too_long",
        "no_text",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "attachment_payload_limit_exceeded",
        "too_many_attachments",
        "too_many_contact_cards",
        "invalid_arguments",
        "invalid_arg_name",
        "invalid_charset",
        "invalid_json",
        "json_not_object",
        "invalid_form_data",
        "invalid_post_type",
        "missing_post_type",
        "missing_argument",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "metadata_must_be_sent_from_app",
        "cannot_reply_to_message",
        "thread_not_found",
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "cant_delete_message",
        "compliance_exports_prevent_deletion",
        "is_inactive",
        "block_mismatch",
        "update_failed",
        "malware_detected",
        "posting_to_general_channel_denied",
    }
)
"""What is refused for good."""

LATER = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
    }
)
"""What will be taken later."""

NOT_TAKEN = frozenset(
    {
        "request_timeout",
        "team_added_to_org",
    }
)
"""What says that the request was not looked at."""
