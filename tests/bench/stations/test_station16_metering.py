import asyncio
import itertools
from datetime import datetime

import pytest


async def configure(rig, **keys):
    for key, value in keys.items():
        assert await rig.csms.call("ChangeConfiguration", key=key, value=value) == [{"status": "Accepted"}]


def stamps(rows):
    return [datetime.fromisoformat(row["meterValue"][0]["timestamp"]) for row in rows]


def gaps(rows):
    moments = stamps(rows)
    return [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]


def test_sampled_values_come_at_the_interval_with_the_configured_measurands(rig16):
    async def body(rig):
        wanted = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage.L2"
        await configure(rig, MeterValueSampleInterval="20", MeterValuesSampledData=wanted)
        _, number = await rig.charge()
        await asyncio.sleep(70)
        rows = rig.csms.seen("MeterValues", connectorId=1, transactionId=number)
        assert gaps(rows) == pytest.approx([20, 20], abs=0.01)
        sampled = rows[1]["meterValue"][0]["sampledValue"]
        assert {s["context"] for s in sampled} == {"Sample.Periodic"}
        assert [(s["measurand"], s.get("phase"), s["unit"]) for s in sampled] == [
            ("Energy.Active.Import.Register", None, "Wh"),
            ("Power.Active.Import", None, "W"),
            ("Current.Import", "L1", "A"),
            ("Current.Import", "L2", "A"),
            ("Current.Import", "L3", "A"),
            ("Voltage", "L2-N", "V"),
        ]
        assert sampled[1]["value"] == "22080.0"
        assert sampled[2]["value"] == "32.00"

    rig16(body)


def test_an_empty_list_means_the_register(rig16):
    async def body(rig):
        await configure(rig, MeterValueSampleInterval="20", MeterValuesSampledData="")
        await rig.charge()
        _, row = await rig.csms.wait("MeterValues")
        assert [s["measurand"] for s in row["meterValue"][0]["sampledValue"]] == ["Energy.Active.Import.Register"]

    rig16(body)


@pytest.mark.parametrize("fault", ["sampled_too_rarely", "sampled_measurand_missing", "sampled_context_wrong"])
def test_wrong_samples(rig16, fault):
    async def body(rig):
        await configure(rig, MeterValueSampleInterval="20")
        await rig.charge()
        await asyncio.sleep(100)
        rows = rig.csms.seen("MeterValues")
        sampled = rows[0]["meterValue"][0]["sampledValue"]
        return (
            round(gaps(rows)[0]),
            any(s["measurand"] == "Voltage" for s in sampled),
            sampled[0]["context"] == "Sample.Periodic",
        )

    right = {"sampled_too_rarely": (40, True, True)}
    right["sampled_measurand_missing"] = (20, False, True)
    right["sampled_context_wrong"] = (20, True, False)
    assert rig16(body, faults=[fault]) == right[fault]


@pytest.mark.parametrize(("faults", "seconds"), [([], {0, 20, 40}), (["aligned_to_nothing"], {10, 30, 50})])
def test_clock_aligned_values_stand_on_the_clock(rig16, faults, seconds):
    async def body(rig):
        await configure(rig, ClockAlignedDataInterval="20")
        await asyncio.sleep(130)
        rows = rig.csms.seen("MeterValues", connectorId=2)
        assert len(rows) in {6, 7}
        assert {moment.second for moment in stamps(rows)} == seconds
        assert {s["context"] for s in rows[0]["meterValue"][0]["sampledValue"]} == {"Sample.Clock"}
        assert "transactionId" not in rows[0]

    rig16(body, faults=faults)


def test_stop_transaction_carries_its_values_from_begin_to_end(rig16):
    async def body(rig):
        await configure(rig, MeterValueSampleInterval="20", StopTxnSampledData="Energy.Active.Import.Register")
        _, number = await rig.charge()
        await asyncio.sleep(45)
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        _, stop = await rig.csms.wait("StopTransaction")
        values = [v["sampledValue"][0] for v in stop["transactionData"]]
        assert [v["context"] for v in values] == [
            "Transaction.Begin",
            "Sample.Periodic",
            "Sample.Periodic",
            "Transaction.End",
        ]
        registers = [int(v["value"]) for v in values]
        assert registers == sorted(registers)
        (start,) = rig.csms.seen("StartTransaction")
        assert (registers[0], registers[-1]) == (start["meterStart"], stop["meterStop"])

    rig16(body)


def test_a_long_transaction_keeps_its_first_and_last_value(rig16):
    async def body(rig):
        await configure(rig, MeterValueSampleInterval="5", StopTxnSampledData="Energy.Active.Import.Register")
        _, number = await rig.charge()
        await asyncio.sleep(1500)
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        _, stop = await rig.csms.wait("StopTransaction")
        contexts = [v["sampledValue"][0]["context"] for v in stop["transactionData"]]
        assert len(contexts) <= 100
        assert (contexts[0], contexts[-1]) == ("Transaction.Begin", "Transaction.End")

    rig16(body)
