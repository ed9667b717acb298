"""The kinds of fault a file can declare: their class, the keys that belong to each, and what people call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

KindName = Literal[
    "missed", "duplicated", "replayed", "late", "mislabelled", "misread", "stray", "swapped", "batched", "outage",
    "clock", "shared_login", "empty_field",
    "duplicate_code", "reused_code", "other_codes", "silent_link", "reordered", "lost", "cut_over",
    "late_backfill", "copied_entry", "unregistered_change", "top_up", "temporary_pick", "bulk_issue",
    "unregistered_rework", "pilot_run", "wrong_lot", "wrong_material", "skipped_step", "ineffective_clean",
    "wrong_label", "slow_screen_skip",
    "typical",
]  # fmt: skip
"""Every kind, by class: capture, system, conduct; and the presets."""

ANYWHERE = frozenset(("kind", "name", "rate", "stations", "items", "pattern", "from", "until"))
"""Keys that any fault may have."""

ON_REPORTS = frozenset(("records", "devices", "methods"))
"""Keys that any fault of reports may have."""

PATTERN_KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "independent": frozenset(),
        "at_lot_change": frozenset(("first",)),
        "shift_change": frozenset(("factor", "around")),
        "outage": frozenset(("every", "lasts")),
    }
)
"""The keys of each pattern."""


@dataclass(frozen=True, slots=True)
class KindRules:
    """What belongs to one kind.

    ``needs`` keys must be there, ``may`` keys can be; each group of ``either`` needs at least one of its keys.
    """

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    either: tuple[str, ...] = ()
    is_on_reports: bool = True
    patterns: tuple[str, ...] = tuple(PATTERN_KEYS)

    def allowed(self, pattern: str) -> frozenset[str]:
        """Every key a fault of this kind with this pattern may have."""
        reports = ON_REPORTS if self.is_on_reports else frozenset()
        return ANYWHERE | reports | self.needs | self.may | frozenset(self.either) | PATTERN_KEYS[pattern]


def _rules(
    needs: str = "", may: str = "", either: str = "", *, on_reports: bool = True, patterns: Iterable[str] = PATTERN_KEYS
) -> KindRules:
    words = (frozenset(needs.split()), frozenset(may.split()), tuple(either.split()))
    return KindRules(*words, is_on_reports=on_reports, patterns=tuple(patterns))


_STEADY = ("independent", "at_lot_change", "shift_change")
_PEOPLE = ("independent", "shift_change", "outage")

RULES: Mapping[str, KindRules] = MappingProxyType(
    {
        "missed": _rules("rate"),
        "duplicated": _rules("rate"),
        "replayed": _rules("rate", "delay"),
        "late": _rules("rate delay"),
        "mislabelled": _rules("rate"),
        "misread": _rules("rate", "slips"),
        "stray": _rules("rate"),
        "swapped": _rules("rate", "within"),
        "batched": _rules(may="every at", either="every at", patterns=_STEADY),
        "outage": _rules(may="buffered capacity", patterns=("independent", "outage")),
        "clock": _rules(either="offset drift_ppm"),
        "shared_login": _rules("rate", "badge"),
        "empty_field": _rules("rate", "field"),
        "duplicate_code": _rules("rate", "same_item", patterns=("independent",)),
        "reused_code": _rules("rate after", "same_item", patterns=("independent",)),
        "other_codes": _rules(may="of prefix crosswalk"),
        "silent_link": _rules(patterns=("independent", "outage")),
        "reordered": _rules("rate window"),
        "lost": _rules("rate"),
        "cut_over": _rules("until", "opening_balance", patterns=("independent",)),
        "late_backfill": _rules("rate"),
        "copied_entry": _rules("rate"),
        "slow_screen_skip": _rules("rate capture_seconds patience", on_reports=False, patterns=_PEOPLE),
        "top_up": _rules("rate", "share", on_reports=False, patterns=_PEOPLE),
        "temporary_pick": _rules("rate", "share", on_reports=False, patterns=_PEOPLE),
        "typical": _rules(may="method scale"),
    }
    | {
        kind: _rules("rate", on_reports=False, patterns=_PEOPLE)
        for kind in (
            "unregistered_change", "bulk_issue", "unregistered_rework", "pilot_run", "wrong_lot", "wrong_material",
            "skipped_step", "ineffective_clean", "wrong_label",
        )
    }
)  # fmt: skip
"""The keys of each kind; no key says anything where it is not among them."""

ALSO_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "miss": "missed", "missed_scan": "missed", "漏扫": "missed",
        "double": "duplicated", "double_scan": "duplicated", "重复扫描": "duplicated", "重扫": "duplicated",
        "replay": "replayed", "重发": "replayed",
        "delay": "late", "delayed": "late", "延迟": "late", "滞后": "late",
        "wrong_name": "mislabelled", "错批上报": "mislabelled",
        "mistyped": "misread", "错读": "misread", "误读": "misread", "输错": "misread",
        "stray_read": "stray", "串读": "stray",
        "swapped_labels": "swapped", "标签互换": "swapped",
        "batching": "batched", "批量上传": "batched",
        "断网": "outage", "离线": "outage",
        "clock_offset": "clock", "clock_drift": "clock", "时钟偏差": "clock", "时间不同步": "clock",
        "共用账号": "shared_login", "共用登录": "shared_login",
        "empty": "empty_field", "空字段": "empty_field", "漏填": "empty_field",
        "homonym": "duplicate_code", "重号": "duplicate_code", "批号重复": "duplicate_code",
        "批号复用": "reused_code", "编码不一致": "other_codes", "假集成": "silent_link",
        "乱序": "reordered", "传输丢失": "lost", "丢包": "lost", "上线切换": "cut_over", "历史未迁移": "cut_over",
        "补录": "late_backfill", "事后补录": "late_backfill", "复制录入": "copied_entry", "随意填写": "copied_entry",
        "换批未登记": "unregistered_change", "lot_change_unregistered": "unregistered_change",
        "补料": "top_up", "补料未登记": "top_up", "临时领料": "temporary_pick", "批量领料": "bulk_issue",
        "返工": "unregistered_rework", "返工未登记": "unregistered_rework",
        "rework_unregistered": "unregistered_rework",
        "小批量试产": "pilot_run", "试产": "pilot_run", "错批": "wrong_lot", "用错批": "wrong_lot",
        "错料": "wrong_material", "用错料": "wrong_material", "漏工序": "skipped_step", "跳工序": "skipped_step",
        "清洗无效": "ineffective_clean", "贴错标签": "wrong_label", "界面太慢": "slow_screen_skip",
        "slow_screen": "slow_screen_skip", "典型": "typical",
    }
)  # fmt: skip
"""Other words for the kinds, as people write them."""
