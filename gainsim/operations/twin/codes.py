"""The numbers by which the compiled histories know what is added up, what happens, and how things stand."""

#: what is added up of a task, as `account.OF_TASK` has it; at the end, on what an asset's hours are spent
FAILURES, PLANNED_CALLS, VISITS, PARTS, WORK, OVERTIME, RESPONSE, RESPONDED, WORST_RESPONSE, LATE = range(10)
COMPLETION, COMPLETED, WORST_COMPLETION, OVERDUE, TURNED_AWAY, LEFT, ESCALATIONS, AT_ONCE, AT_DEPOT = range(10, 19)
NO_SPARE, WEATHER, NO_SHIFT, NO_CREW, TRAVEL, ACCESS, REPAIR, PLANNED_WORK = range(19, 27)
IN_TASK = 27
#: and of a fleet, as `account.OF_FLEET` has it
UP, RUNNING, SERVED, MADE = range(4)
IN_FLEET = 4
#: what happens, as `history.WHAT` has it; and from `LACKS` on, what somebody waits for
FAILS, BEGINS, DONE, RUNS, GOES, CALLS, STOPS = range(7)
LACKS = 10
#: kinds of durations, as `laws.KINDS` has them; the life itself stands first
KINDS = 12
DRAWN_LIFE, DRAWN_REPAIR, DRAWN_TRAVEL, DRAWN_ACCESS, DRAWN_LEAD, DRAWN_SUPPLY = range(6)
DRAWN_PATIENCE, DRAWN_FIRST, DRAWN_FORESEEN, DRAWN_AHEAD, DRAWN_PLANNED, DRAWN_SHOP = range(6, 12)
#: how a mode stands: it ages; planned work waits; a failure or call waits; the crew of planned work is under way; work is done
QUIET, CALLED, WAITING, COMING, WORKING = range(5)
#: how a task is taken: as planned work, as a failure or call, and once it waited for long
PLANNED, URGENT, ESCALATED = range(3)
#: by what a mode ages
BY_HOURS, BY_CALENDAR, BY_USE = range(3)
#: later than any contract ends
NEVER = 1e300
