"""The hot statements in one place, with the index each must use; and those that may read a whole community, with the reason.

Every statement of the product is held to the rule (tests/house/test_plans.py): it finds its rows by more than their community, so that a
claim, a page and a counter cost the same with ten rows in the table as with ten million. The hot ones are named here with their indexes
beside, so that a plan that becomes another one is seen.
"""

HOT: dict[str, dict[str, str]] = {
    # Where work waits, and whose.
    "tocsin.base.is_work_due": {"work": "work_pkey(community_id, lane)"},
    "tocsin.base.hold_work": {"work": "work_pkey(community_id, lane)"},
    "tocsin.base.raise_work": {"work": "work_pkey(community_id, lane)"},
    "tocsin.base.finish_work": {"work": "work_pkey(community_id, lane)"},
    # Sealing and fanning out.
    "notifiers.delivery.next_to_fan_out": {"message": "message_to_fan_out(community_id)"},
    "notifiers.delivery.sealing.left": {"message": "(community_id, id)"},
    "notifiers.delivery.sealing.left_about": {"message": "message_to_seal(community_id)"},
    "notifiers.delivery.fan_out_page": {"audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)"},
    "notifiers.delivery.sealing.seal_few": {"message": "(community_id, id)", "person": "(community_id, id)"},
    "notifiers.announcements.counters": {"message": "(community_id, id)"},
    # The wire.
    "notifiers.delivery.waiting_by_channel": {"delivery": "delivery_waiting(channel_id, community_id, due_at, lane)"},
    "notifiers.delivery.next_due": {"delivery": "delivery_waiting(channel_id, community_id, lane)"},
    "notifiers.delivery.claim": {
        "delivery": "delivery_waiting(channel_id, community_id, due_at, lane)",
        "message": "(community_id, id)",
        "person": "(community_id, id)",
    },
    "notifiers.delivery.ranges.claim_range": {
        "delivery_range": "delivery_range_waiting(channel_id, community_id, due_at, lane)",
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
        "message": "(community_id, id)",
    },
    "notifiers.delivery.ranges.range_taken": {
        "delivery_settled": "(community_id, message_id, no)",
        "delivery_range": "delivery_range_pkey(community_id, id)",
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
        "message": "(community_id, id)",
    },
    "notifiers.delivery.ranges.lost_ranges": {"delivery_range": "delivery_range_on_the_wire(community_id, lease_until)"},
    "notifiers.delivery.words": {
        "message": "(community_id, id)",
        "message_text": "message_text_pkey(community_id, message_id)",
    },
    "notifiers.delivery.settle": {"delivery": "delivery_pkey(community_id, message_id, no)"},
    "notifiers.delivery.settle_unclaimed": {"delivery": "delivery_pkey(community_id, message_id, no)"},
    "notifiers.delivery.tried": {"delivery": "delivery_pkey(community_id, message_id, no)"},
    "notifiers.delivery.lost_leases": {"delivery": "delivery_on_the_wire(community_id, lease_until)"},
    "notifiers.delivery.next_lease": {"delivery": "delivery_on_the_wire(community_id)"},
    "notifiers.delivery.lock_messages": {"message": "(community_id, id)"},
    "notifiers.delivery.move_members": {
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
        "message": "(community_id, id)",
    },
    "notifiers.delivery.go_on": {
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
        "message_route": "message_route_pkey(community_id, message_id)",
        "contact_point": "(community_id, person_id)",
    },
    # Receipts and replies.
    "notifiers.delivery.bundles_to_apply": {"receipt_bundle": "receipt_bundle_waiting(community_id)"},
    "notifiers.delivery.confirm_settled": {
        "receipt_bundle": "receipt_bundle_pkey(community_id, id)",
        "delivery_settled": "(community_id, message_id, no)",
    },
    "notifiers.delivery.other_words": {
        "receipt_bundle": "receipt_bundle_pkey(community_id, id)",
        "delivery_settled": "(community_id, message_id, no)",
    },
    "notifiers.delivery.early_to_apply": {"delivery": "delivery_pkey(community_id, message_id, no)"},
    "notifiers.delivery.standings": {
        "delivery": "delivery_pkey(community_id, message_id, no)",
        "delivery_settled": "(community_id, message_id, no)",
    },
    "notifiers.delivery.restate": {"delivery_settled": "(community_id, message_id, no)"},
    "notifiers.delivery.overdue_receipts": {"delivery_settled": "(community_id, receipt_due_at)"},
    "notifiers.delivery.next_receipt_due": {"delivery_settled": "(community_id)"},
    "notifiers.delivery.give_up_receipts": {"delivery_settled": "(community_id, message_id, no)"},
    "notifiers.delivery.mark_unanswered": {
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
    },
    "notifiers.delivery.mark_applied": {"receipt_bundle": "receipt_bundle_pkey(community_id, id)"},
    "notifiers.delivery.reply_by_dedupe": {"reply": "(community_id, dedupe, gateway_id)"},
    "notifiers.delivery.codes_open_for": {"open_code": "open_code_pkey(gateway_id, phone_hash)"},
    "notifiers.delivery.delivery_facts": {"delivery": "delivery_pkey(community_id, message_id, no)"},
    "notifiers.announcements.confirm_members": {
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
        "message": "(community_id, id)",
    },
    "notifiers.announcements.confirm_persons": {
        "audience_member": "audience_member_of_person(community_id, message_id, person_id)",
    },
    # The conductor.
    "incidents.conductor.lock_incident": {"incident": "incident_pkey(community_id, id)"},
    "incidents.conductor.due_incidents": {"timer": "timer_due(community_id, due_at)"},
    "incidents.conductor.fire_timers": {"timer": "timer_pkey(community_id, incident_id)"},
    "incidents.conductor.next_timer_due": {"timer": "timer_due(community_id)"},
    "incidents.conductor.watched_alerts": {"alert": "alert_watched(community_id)"},
    "incidents.conductor.left_of_rung": {
        "alert": "alert_of_incident(alert_key, community_id, incident_id)",
        "answer": "answer_of_incident(community_id, incident_id)",
    },
    # Answers and responses.
    "incidents.answers.said_so_far": {"answer": "answer_of_incident(community_id, incident_id)"},
    "incidents.answers.insert_answers": {"audience_member": "(community_id, message_id)"},
    "incidents.answers.alerts_of_deliveries": {
        "alert": "alert_pkey(community_id, message_id)",
        "delivery": "delivery_pkey(community_id, message_id, no)",
    },
    "incidents.answers.lock_alerted": {
        "alert": "alert_pkey(community_id, message_id)",
        "delivery_settled": "(community_id, message_id, no)",
    },
    "incidents.answers.members_of_deliveries": {
        "audience_member": "audience_member_of_delivery(community_id, delivery_no, message_id)",
    },
    "incidents.answers.untallied": {"response": "response_waiting(community_id)"},
    "incidents.answers.response_totals": {"response": "response_of_incident(community_id, incident_id)"},
    # What pages read again and again.
    "incidents.views.open_incidents": {"incident": "incident_open(community_id)", "run": "run_pkey(community_id, incident_id)"},
    "incidents.views.timeline": {"incident_event": "incident_event_pkey(community_id, incident_id, no)"},
    "incidents.views.standings": {"message": "message_by_effect(community_id, subject)", "audience_member": "(community_id, message_id)"},
    "incidents.views.alerted_people": {
        "alert": "alert_of_incident(community_id, incident_id)",
        "audience_member": "(community_id, message_id)",
    },
    "api.auth.read_session": {"session": "session_pkey(token_hash)"},
    "api.auth.staff_by_number": {"staff_number": "(community_id, number)"},
    "api.auth.read_token": {"api_token": "api_token_pkey(token_hash)"},
    "api.answer_before": {"idempotency": "idempotency_pkey(community_id, key, principal)"},
    "api.forget_old_keys": {"idempotency": "idempotency_by_age(community_id, created_at)"},
}
"""Statement → table → index(columns of its condition); without a name, any index by these columns. More columns are welcome.

A table may be read by further indexes besides; but by this one it must be."""

COLD: dict[str, str] = {
    "api.console.binder_homes": "the binder holds every home, and is printed about once a month",
    "people.count_all_residents": "whoever lives in the whole community is to be counted; all of it is wanted",
    "incidents.views.backlog": "an operator asks, before a restored copy may send again",
    "incidents.views.standings": "of an incident that concerns thousands of homes the buildings of all homes are read at once",
    "incidents.timeline.heads": "`tocsin timeline verify` looks at every incident there is",
    "incidents.timeline.heads_changed_since": "once a minute; an index on head_at would be written by every event",
    "notifiers.delivery.sealing.seal": "a broadcast's audience may be everybody who lives here",
    "notifiers.announcements.audience_of": "the same audience, before the button",
    "api.auth.staff": "a page that lists who may log in; there are few",
    "api.auth.accounts_by_login": "a log-in does not name its company; there are few",
    "people.insert_places": "an import brings a whole list at once",
    "people.imports.count_others": "an import that claims to be whole is held against everybody who lives here",
    "people.imports.count_residences": "a tenth of them is counted before any is ended",
    "people.imports.end_others": "ends whoever stands in no row of such an import",
    "people.imports.facilities": "an import is held against all facilities",
    "people.imports.wide_places": "every row of an import needs the buildings and units",
    "people.insert_residences": "an import brings a whole list at once",
    "people.contact.debts_by_building": "a page that counts every home",
    "people.duty.coming_shifts": "once a day, and it looks at every coming shift",
    "people.known_addresses": "the demo's wall of phones shows every handset",
}
"""May read a whole community, or a big table from end to end: why that is right."""

OWED: dict[str, str] = {}
"""Read a whole community and should not: faults that are known, each with what is to be done. Shrinks only."""
