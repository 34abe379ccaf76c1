"""`bunsen doctor`, the part about data: the data plane, the folder of events, warehouses and Prometheus."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import httpx

from bot.connectors.warehouses import Warehouses
from bot.finding import Finding, State
from bot.settings import Settings
from experiments.errors import BunsenError
from experiments.policy import Policies
from experiments.sources import DataSource

PLANE = "/ofrep/v1/evaluate/flags"
SECONDS = 5.0
WAREHOUSE_SECONDS = 15
LITTLE, TOO_LITTLE = 5 * 2**30, 2**28
WRITES = (
    "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT FROM information_schema"
    ".table_privileges WHERE grantee = current_user AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'))"
)


async def data_findings(settings: Settings, policies: Policies | None) -> list[Finding]:
    """All of it; what projects ask for is in `policies`, where these could be read."""
    findings = [await _plane(settings), await asyncio.to_thread(_folder, settings.data_dir)]
    findings += await asyncio.gather(*(_warehouse(name, settings) for name in sorted(settings.warehouses)))
    return findings + (await _sources(settings, policies) if policies else [])


async def _plane(settings: Settings) -> Finding:
    """Whether applications are answered: without a token they are told to send one."""
    address = f"http://{settings.host}:{settings.port}"
    if not settings.port:
        return Finding("data plane", State.NOTE, "it takes a free port, because BUNSEN_PORT is 0")
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answer = await client.post(address + PLANE)
    except httpx.TransportError:
        return Finding("data plane", State.NOTE, f"nothing answers at {address}; it does while `bunsen serve` runs")
    if answer.status_code == 401 and "bunsen" in answer.headers.get("www-authenticate", ""):
        return Finding("data plane", State.FINE, f"applications are answered at {address}")
    return Finding("data plane", State.MEND, f"something else answers at {address}", "Set BUNSEN_PORT to a free port.")


def _folder(folder: Path) -> Finding:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    mend = "Let the folder belong to the account that Bunsen runs under, or set BUNSEN_DATA_DIR."
    try:
        with tempfile.TemporaryFile(dir=there) as tried:
            tried.write(b"events")
            tried.flush()
            os.fsync(tried.fileno())
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        return Finding("events", State.MEND, f"{folder} cannot be written to ({why})", mend)
    free = shutil.disk_usage(there).free
    words = f"{folder} can be written to, with {free / 2**30:,.1f} GB free"
    if free >= LITTLE:
        return Finding("events", State.FINE, words)
    return Finding("events", State.MEND if free < TOO_LITTLE else State.NOTE, words, "Make room on its disk.")


async def _warehouse(name: str, settings: Settings) -> Finding:
    label = f"warehouse {name}"
    try:
        return await asyncio.to_thread(_asked, name, label, settings)
    except BunsenError as error:
        mend = "Correct its URL in BUNSEN_WAREHOUSES, or the network between; docs/warehouses.md has examples."
        return Finding(label, State.MEND, error.words, mend)


def _asked(name: str, label: str, settings: Settings) -> Finding:
    from bot.connectors.measuring.connecting import open_warehouse

    url = settings.warehouses[name].get_secret_value()
    warehouse = open_warehouse(url, DataSource(connection=name), seconds=WAREHOUSE_SECONDS)
    try:
        with warehouse.asking() as backend:
            if backend.name != "postgres":
                backend.raw_sql("SELECT 1")
                read_only = backend.name == "duckdb"
                words = "reachable, opened read-only" if read_only else "reachable; see that its account may only read"
                return Finding(label, State.FINE if read_only else State.NOTE, words)
            with backend.raw_sql(WRITES) as answer:
                ((writes,),) = answer.fetchall()
    finally:
        warehouse.close()
    if not writes:
        return Finding(label, State.FINE, "reachable, with an account that only reads")
    mend = "Give it an account with SELECT on its two tables and nothing more; docs/settings.md shows one."
    return Finding(label, State.NOTE, "reachable, but its account may write", mend)


async def _sources(settings: Settings, policies: Policies) -> list[Finding]:
    """Projects whose warehouse is not configured, and each Prometheus that one of them names."""
    findings = []
    for project in policies.projects:
        if project.source.connection and project.source.connection not in settings.warehouses:
            words = f"its warehouse {project.source.connection} is not configured"
            findings.append(Finding(f"project {project.name}", State.MEND, words, "Name it in BUNSEN_WAREHOUSES."))
    warehouses = Warehouses(settings.warehouses, settings.prometheus_headers)
    for url in sorted({project.source.prometheus for project in policies.projects} - {""}):
        problems = (await warehouses.probe(DataSource(prometheus=url), policies.allowed_hosts)).problems
        if problems:
            mend = "docs/prometheus.md says what each answer means."
            findings.append(Finding(f"Prometheus {url}", State.MEND, " ".join(problems.values()), mend))
        else:
            findings.append(Finding(f"Prometheus {url}", State.FINE, "it answers"))
    return findings
