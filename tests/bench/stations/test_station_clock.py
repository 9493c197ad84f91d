from datetime import datetime

from bench.virtual.stations.clock import as_local_time
from bench.virtual.stations.ocpp16.package import call


def test_local_time_is_the_same_moment_at_every_depth():
    utc = "2026-05-01T12:00:00.250Z"
    request = call.MeterValues(connector_id=1, meter_value=[{"timestamp": utc, "sampled_value": [{"value": "1"}]}])
    value = as_local_time(request).meter_value[0]
    assert value == {"timestamp": "2026-05-01T17:30:00.250000+05:30", "sampled_value": [{"value": "1"}]}
    assert datetime.fromisoformat(value["timestamp"]) == datetime.fromisoformat(utc)
    assert request.meter_value[0]["timestamp"] == utc
