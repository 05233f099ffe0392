"""Each alert fires when it must and not when it must not: judged by promtool, Prometheus' own."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import yaml
from rule_cases import CASES

from connectors.metrics.files import ROOT, rules_file
from schemas.alerts import ALERTS


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_the_rules_are_well_formed(promtool: str):
    judged = run(promtool, "check", "rules", str(ROOT / "deploy" / "prometheus" / "rules.yml"))

    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert f"{len(ALERTS)} rules found" in judged.stdout


def test_prometheus_is_set_up_well(promtool: str):
    judged = run(
        promtool, "check", "config", "--syntax-only",
        str(ROOT / "deploy" / "prometheus" / "prometheus.yml"),
    )  # fmt: skip

    assert judged.returncode == 0, judged.stdout + judged.stderr


FIRING = 'count(ALERTS{{alertname="{}", alertstate="firing"}}) or vector(0)'


def _judge(promtool: str, folder: Path, rules: str) -> str:
    """What promtool says of all cases; empty if all come out as told."""
    (folder / "rules.yml").write_text(rules)
    tests = [
        {
            "name": f"{case.alert}: {case.says}",
            "interval": "1m",
            "input_series": [
                {"series": name, "values": values} for name, values in case.series.items()
            ],
            "promql_expr_test": [
                {
                    "expr": FIRING.format(case.alert),
                    "eval_time": f"{case.minute}m",
                    "exp_samples": [{"labels": "{}", "value": case.fires}],
                }
            ],
        }
        for case in CASES
    ]
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "cases.yml").write_text(yaml.safe_dump(document))
    judged = run(promtool, "test", "rules", str(folder / "cases.yml"))
    return "" if judged.returncode == 0 else judged.stdout + judged.stderr


def test_each_alert_fires_when_it_must(promtool: str, tmp_path: Path):
    assert _judge(promtool, tmp_path, rules_file()) == ""


def test_a_rule_that_is_wrong_would_be_seen(promtool: str, tmp_path: Path):
    planted = rules_file().replace("hub_canary_failed >= 2", "hub_canary_failed >= 3")

    assert "HubCanaryFails" in _judge(promtool, tmp_path, planted)


def test_each_alert_is_tried_both_ways():
    fires = Counter(case.alert for case in CASES if case.fires)
    rests = Counter(case.alert for case in CASES if not case.fires)
    names = {one.name for one in ALERTS}

    assert fires.keys() == rests.keys() == names
