"""Who goes where, by which road, by when; and who cannot, and why."""

from riskmap.evacuation.assign import Assignment, Limits, assign
from riskmap.evacuation.choose import Preference, usual_preference
from riskmap.evacuation.compare import compare_plans
from riskmap.evacuation.derive import derive_groups
from riskmap.evacuation.drill import Drill, drill_plan
from riskmap.evacuation.lead_time import LeadTime, read_rules, walks_at_night
from riskmap.evacuation.ledger import transfer_ledger
from riskmap.evacuation.levels import ResponseLevels, read_levels, split_by_level
from riskmap.evacuation.plan import Plan
from riskmap.evacuation.planner import plan_evacuation
from riskmap.evacuation.sheets import plan_sheets
from riskmap.evacuation.store import load_plan, load_plans, save_plan
from riskmap.evacuation.verify import verify_plan

__all__ = [
    "Assignment",
    "Drill",
    "LeadTime",
    "Limits",
    "Plan",
    "Preference",
    "ResponseLevels",
    "assign",
    "compare_plans",
    "derive_groups",
    "drill_plan",
    "load_plan",
    "load_plans",
    "plan_evacuation",
    "plan_sheets",
    "read_levels",
    "read_rules",
    "save_plan",
    "split_by_level",
    "transfer_ledger",
    "usual_preference",
    "verify_plan",
    "walks_at_night",
]
