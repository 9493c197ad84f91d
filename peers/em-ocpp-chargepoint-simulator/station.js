// A modest charge point of OCPP 1.6 with one socket, written on em-ocpp-chargepoint-simulator. Run by the batch mode of that
// package: node node_modules/em-ocpp-chargepoint-simulator/build/src/main.js station.js CSMS-URL/IDENTITY DIRECTORY
// Framing, ids, handshake, waiting for answers and what is answered to calls without a handler are the package's; what the
// station does is written here. Only the package's documented functions are used, so what it has none for is not answered.
// It obeys lines on its standard input: plug, unplug, unplug-ev, tag TOKEN, stop, end.
// What a station keeps without supply (cable, settings, availability, transaction, messages not sent) is kept in DIRECTORY.

const fs = require("fs");
const path = require("path");
const readline = require("readline");

const POWER_W = 7360; // one phase, 32 A
const NO_INTERVAL_S = 10; // between boots when the CSMS leaves the choice to the station
const ANSWER_S = 15; // how long it waits for an answer
const PAUSES_S = [1, 1, 2, 4, 8]; // between attempts to connect; the last one from then on (OCPP-J 1.6, errata 3.4)

const pauseS = (attempt) => PAUSES_S[Math.min(attempt, PAUSES_S.length - 1)];

const whole = (text) => /^\d{1,6}$/.test(text);
const truth = (text) => text === "true" || text === "false";
const listOf = (known) => (text) => text === "" || text.split(",").every((item) => known.includes(item));
const MEASURANDS = ["Energy.Active.Import.Register", "Power.Active.Import", "Current.Import"];

// [key, value, what may be written; none: read only]
const KEYS = [
  ["AuthorizeRemoteTxRequests", "false", truth],
  ["ClockAlignedDataInterval", "0", (text) => whole(text) && Number(text) <= 86400],
  ["ConnectionTimeOut", "30", whole],
  ["ConnectorPhaseRotation", "NotApplicable", listOf(["NotApplicable"])],
  ["GetConfigurationMaxKeys", "30"],
  ["HeartbeatInterval", "300", whole],
  ["LocalAuthorizeOffline", "false", (text) => text === "false"],
  ["LocalPreAuthorize", "false", truth],
  ["MeterValuesAlignedData", "Energy.Active.Import.Register", listOf(MEASURANDS)],
  ["MeterValuesSampledData", "Energy.Active.Import.Register", listOf(MEASURANDS)],
  ["MeterValueSampleInterval", "60", whole],
  ["NumberOfConnectors", "1"],
  ["ResetRetries", "0", whole],
  ["StopTransactionOnEVSideDisconnect", "true"],
  ["StopTransactionOnInvalidId", "true", truth],
  ["StopTxnAlignedData", "", listOf(MEASURANDS)],
  ["StopTxnSampledData", "", listOf(MEASURANDS)],
  ["SupportedFeatureProfiles", "Core,RemoteTrigger"],
  ["TransactionMessageAttempts", "3", whole],
  ["TransactionMessageRetryInterval", "5", whole],
  ["UnlockConnectorOnEVSideDisconnect", "true", truth],
];

const say = (text) => console.log(`## ${text}`);
const now = () => new Date().toISOString();

class Station {
  constructor(cp, directory) {
    this.cp = cp;
    this.file = directory && path.join(directory, "station.json");
    this.settings = new Map(KEYS.map(([key, value, fits]) => [key.toLowerCase(), { key, value, fits }]));
    this.cable = false;
    this.ended = false; // a transaction has ended, and its cable is still in
    this.tag = null; // authorized, and no transaction yet
    this.transaction = null;
    this.operative = [true, true];
    this.reported = [null, null];
    this.energyWs = 0;
    this.unsent = []; // of transactions: [method, payload], in their order
    this.attempts = 0; // that failed, of the first of them
    this.timers = {};
    this.work = Promise.resolve();
    this.recall();
    this.connected();
    cp.onClose(() => this.closed());
  }

  setting(key) {
    return this.settings.get(key.toLowerCase()).value;
  }

  // -- memory without supply. A transaction that is found in it was ended by the loss of the supply.

  recall() {
    this.lostPower = false;
    if (!this.file || !fs.existsSync(this.file)) return;
    const { settings, ...rest } = JSON.parse(fs.readFileSync(this.file, "utf8"));
    for (const [key, value] of settings) this.settings.get(key).value = value;
    Object.assign(this, rest);
    this.lostPower = this.transaction !== null;
    if (this.transaction) this.transaction.since = Date.now();
  }

  keep() {
    if (!this.file) return;
    const settings = [...this.settings].map(([key, { value }]) => [key, value]);
    const { cable, ended, operative, transaction, unsent } = this;
    const state = { settings, cable, ended, operative, transaction, unsent, energyWs: this.energyWh() * 3600 };
    fs.writeFileSync(`${this.file}.new`, JSON.stringify(state));
    fs.renameSync(`${this.file}.new`, this.file);
  }

  // -- the connection. The package never reconnects by itself, and a call made while it is closed never ends.

  connected() {
    this.open = true;
    this.lost = new Promise((_, reject) => (this.lose = reject));
    this.lost.catch(() => {});
  }

  closed() {
    if (this.leaving) {
      this.leaving = false;
    } else if (this.open) {
      this.open = false;
      this.lose(new Error("the connection was lost"));
      say("connection lost");
      this.join().then(() => {
        say("connected again");
        this.later(() => this.flush());
        this.later(() => this.report());
      });
    } else {
      this.missed = true;
    }
  }

  async join() {
    for (let attempt = 0; ; attempt += 1) {
      this.missed = false;
      try {
        await this.cp.reConnect();
        if (!this.missed) break;
      } catch (error) {
        say(`no connection: ${error.message || error}`);
      }
      await this.cp.sleep(pauseS(attempt) * 1000);
    }
    this.connected();
  }

  async ask(method, payload) {
    if (!this.open) throw new Error(`${method} waits for a connection`);
    const late = this.cp.sleep(ANSWER_S * 1000).then(() => Promise.reject(new Error(`${method} was not answered`)));
    late.catch(() => {});
    const answer = await Promise.race([this.cp[method](payload), this.lost, late]);
    if (typeof answer !== "object") throw new Error(`${method} was answered by an error: ${answer}`);
    return answer;
  }

  /** What belongs to a transaction is sent in its order, and once there is a connection (1.6, 3.7 and 4.8 to 4.10). */
  async tell(method, payload) {
    this.unsent.push([method, payload]);
    this.keep();
    await this.flush();
  }

  async flush() {
    while (this.unsent.length) {
      const [method, payload] = this.unsent[0];
      let answer = null;
      try {
        answer = await this.ask(method, payload);
      } catch (error) {
        if (!this.open) throw error;
        say(`not taken: ${error.message || error}`);
        this.attempts += 1;
        if (this.attempts < Number(this.setting("TransactionMessageAttempts"))) {
          await this.cp.sleep(this.attempts * Number(this.setting("TransactionMessageRetryInterval")) * 1000); // 3.7.1
          continue;
        }
      }
      this.attempts = 0;
      this.unsent.shift();
      if (method === "startTransaction") this.started(answer);
      this.keep();
    }
  }

  /** The id of a transaction is known, or will not be (errata 3.18): what waits of it bears it. */
  started(answer) {
    const id = answer ? answer.transactionId : -1;
    const next = this.unsent.findIndex(([method]) => method === "startTransaction");
    for (const [, payload] of next < 0 ? this.unsent : this.unsent.slice(0, next)) payload.transactionId = id;
    if (next >= 0 || !this.transaction || this.transaction.id !== null) return;
    this.transaction.id = id;
    this.transaction.group = answer ? answer.idTagInfo.parentIdTag : undefined;
    this.later(() => this.begun(!answer || answer.idTagInfo.status === "Accepted"));
  }

  /** One thing after the other: the package itself would send a CALL while another is open. */
  later(job) {
    this.work = this.work.then(job).catch((error) => say(`left undone: ${error.message || error}`));
    return this.work;
  }

  every(name, seconds, job) {
    clearInterval(this.timers[name]);
    if (seconds > 0) this.timers[name] = setInterval(job, seconds * 1000);
  }

  // -- registration, heartbeat, status

  async boot() {
    this.every("heartbeat", 0);
    this.reported = [null, null];
    for (;;) {
      const answer = await this.register();
      if (answer.status === "Accepted") {
        if (answer.interval > 0) this.settings.get("heartbeatinterval").value = String(answer.interval);
        break;
      }
      await this.cp.sleep((answer.interval || NO_INTERVAL_S) * 1000);
    }
    this.beat();
    this.align();
    this.keep();
    await this.flush();
    if (this.lostPower) await this.finish("PowerLoss");
    this.lostPower = false;
    await this.report();
    say("booted");
  }

  async register() {
    try {
      return await this.ask("sendBootnotification", {
        chargePointVendor: "Plugproof",
        chargePointModel: "em-ocpp script",
        firmwareVersion: "1.0.0",
      });
    } catch (error) {
      say(`not registered: ${error.message || error}`);
      return {};
    }
  }

  beat() {
    this.every("heartbeat", Number(this.setting("HeartbeatInterval")), () => this.later(() => this.ask("sendHeartbeat")));
  }

  status(connector) {
    if (connector === 0) return this.operative[0] ? "Available" : "Unavailable";
    if (this.transaction) return "Charging";
    if (!this.operative[0] || !this.operative[1]) return "Unavailable";
    if (this.ended) return "Finishing";
    return this.cable || this.tag ? "Preparing" : "Available";
  }

  async notify(connector) {
    this.reported[connector] = this.status(connector);
    await this.ask("sendStatusNotification", {
      connectorId: connector,
      errorCode: "NoError",
      status: this.reported[connector],
      timestamp: now(),
    });
  }

  async report() {
    for (const connector of [0, 1]) {
      if (this.status(connector) !== this.reported[connector]) await this.notify(connector);
    }
  }

  // -- transactions

  energyWh() {
    const running = this.transaction ? ((Date.now() - this.transaction.since) / 1000) * POWER_W : 0;
    return Math.round((this.energyWs + running) / 3600);
  }

  async authorize(tag) {
    const answer = await this.ask("sendAuthorize", { idTag: tag });
    return answer.idTagInfo.status === "Accepted" && answer.idTagInfo;
  }

  /** Its own tag ends a transaction, also offline; another one if the CSMS says that it is of the same group (1.6, 3.10). */
  async mayEnd(tag) {
    const { idTag, group } = this.transaction;
    if (idTag.toLowerCase() === tag.toLowerCase()) return true;
    if (!group) return false; // nothing that the CSMS could say would let another tag end it
    const told = await this.authorize(tag);
    return Boolean(told && told.parentIdTag && told.parentIdTag === group);
  }

  /** The tag may charge: at once if the cable is in, else when it comes within ConnectionTimeOut. */
  async accept(tag) {
    this.tag = tag;
    this.ended = false;
    clearTimeout(this.timers.cable);
    this.timers.cable = setTimeout(() => {
      this.tag = null;
      this.later(() => this.report());
    }, Number(this.setting("ConnectionTimeOut")) * 1000);
    await this.report();
    if (this.cable) await this.start();
  }

  async start() {
    clearTimeout(this.timers.cable);
    const [idTag, meterStart] = [this.tag, this.energyWh()];
    this.tag = null;
    this.transaction = { id: null, idTag, since: Date.now(), data: [] };
    await this.tell("startTransaction", { connectorId: 1, idTag, meterStart, timestamp: now() });
  }

  async begun(accepted) {
    if (!this.transaction) return;
    if (!accepted && this.setting("StopTransactionOnInvalidId") === "true") return this.finish("DeAuthorized");
    this.keep();
    this.sample();
    await this.report();
  }

  sample() {
    this.every("sample", this.transaction ? Number(this.setting("MeterValueSampleInterval")) : 0, () =>
      this.later(() => this.transaction && this.measure("Sample.Periodic")),
    );
  }

  /** Values at every multiple of the interval since midnight, with and without a transaction. */
  align() {
    clearTimeout(this.timers.clock);
    const interval = Number(this.setting("ClockAlignedDataInterval")) * 1000;
    if (!interval) return;
    this.timers.clock = setTimeout(
      () => {
        this.later(() => this.measure("Sample.Clock", "MeterValuesAlignedData"));
        this.align();
      },
      interval - ((Date.now() % 86400000) % interval),
    );
  }

  async measure(context, list = "MeterValuesSampledData") {
    const listed = (name) => this.setting(name).split(",").filter(Boolean);
    const values = {
      "Energy.Active.Import.Register": { value: String(this.energyWh()), unit: "Wh" },
      "Power.Active.Import": { value: String(this.transaction ? POWER_W : 0), unit: "W" },
      "Current.Import": { value: this.transaction ? "32.0" : "0.0", unit: "A" },
    };
    const timestamp = now();
    const taken = (wanted) => ({
      timestamp,
      sampledValue: wanted.map((measurand) => ({ ...values[measurand], measurand, context })),
    });
    if (context === "Sample.Periodic" && listed("StopTxnSampledData").length) {
      this.transaction.data.push(taken(listed("StopTxnSampledData")));
    }
    const wanted = listed(list);
    if (!wanted.length) return;
    const send = this.transaction && context !== "Trigger" ? "tell" : "ask";
    await this[send]("meterValues", {
      connectorId: 1,
      ...(this.transaction ? { transactionId: this.transaction.id } : {}),
      meterValue: [taken(wanted)],
    });
  }

  async finish(reason, tag, inSocket = this.cable) {
    if (!this.transaction) return;
    const { id, data } = this.transaction;
    const idTag = tag || this.transaction.idTag;
    const meterStop = this.energyWh();
    this.energyWs = meterStop * 3600;
    this.transaction = null;
    this.ended = inSocket;
    this.every("sample", 0);
    const transactionData = data.length ? { transactionData: data } : {};
    await this.tell("stopTransaction", { transactionId: id, idTag, meterStop, timestamp: now(), reason, ...transactionData });
    await this.report();
  }

  // -- hands

  plug() {
    if (this.cable) return;
    this.cable = true;
    this.keep();
    this.later(async () => {
      await this.report();
      if (this.tag) await this.start();
    });
  }

  /** Pulled out of the car, and of the socket where it `leaves`. It may be in again before all is told. */
  unplug(leaves) {
    this.cable = false;
    this.keep();
    this.later(() => this.finish("EVDisconnected", null, !leaves));
    this.later(() => {
      if (leaves) this.ended = false;
      this.keep();
      return this.report();
    });
  }

  present(tag) {
    this.later(async () => {
      if (this.transaction) {
        if (await this.mayEnd(tag)) await this.finish("Local", tag);
      } else if (this.status(1) !== "Unavailable" && (await this.authorize(tag))) {
        await this.accept(tag);
      }
    });
  }

  obey(line) {
    const [word, tag] = line.trim().split(/\s+/);
    if (word === "plug") this.plug();
    else if (word === "unplug") this.unplug(true);
    else if (word === "unplug-ev") this.unplug(false);
    else if (word === "tag" && tag) this.present(tag);
    else if (word === "stop") this.later(() => this.finish("Local"));
    else if (word === "end") process.exit(0);
    else return say(`unknown line: ${line}`);
    return say(`obeyed ${word}`);
  }

  // -- calls of the CSMS

  handlers() {
    const reply = (request, payload) => this.cp.sendResponse(request.uniqueId, payload);
    const cp = this.cp;

    cp.answerGetConfiguration((request) => {
      const keys = request.payload.key && request.payload.key.length ? request.payload.key : KEYS.map(([key]) => key);
      const known = keys.filter((key) => this.settings.has(key.toLowerCase()));
      const configurationKey = known.map((name) => {
        const { key, value, fits } = this.settings.get(name.toLowerCase());
        return { key, readonly: !fits, value };
      });
      reply(request, { configurationKey, unknownKey: keys.filter((key) => !known.includes(key)) });
    });

    cp.answerChangeConfiguration((request) => {
      const entry = this.settings.get(request.payload.key.toLowerCase());
      if (!entry) return reply(request, { status: "NotSupported" });
      if (!entry.fits || !entry.fits(request.payload.value)) return reply(request, { status: "Rejected" });
      entry.value = request.payload.value;
      this.keep();
      reply(request, { status: "Accepted" });
      if (entry.key === "HeartbeatInterval") this.beat();
      if (entry.key === "MeterValueSampleInterval") this.sample();
      if (entry.key === "ClockAlignedDataInterval") this.align();
    });

    cp.answerChangeAvailability((request) => {
      const { connectorId, type } = request.payload;
      const known = type === "Operative" || type === "Inoperative";
      if (![0, 1].includes(connectorId) || !known) return reply(request, { status: "Rejected" });
      this.operative[connectorId] = type === "Operative";
      if (connectorId === 0) this.operative[1] = this.operative[0]; // 1.6, 5.2: all connectors
      this.keep();
      reply(request, { status: this.transaction && type === "Inoperative" ? "Scheduled" : "Accepted" });
      this.later(() => this.report());
    });

    cp.answerRemoteStartTransaction((request) => {
      const { idTag, connectorId = 1 } = request.payload;
      const free = connectorId === 1 && ["Available", "Preparing"].includes(this.status(1)) && !this.tag;
      reply(request, { status: free ? "Accepted" : "Rejected" });
      if (!free) return;
      this.later(async () => {
        if (this.setting("AuthorizeRemoteTxRequests") === "true" && !(await this.authorize(idTag))) return;
        await this.accept(idTag);
      });
    });

    cp.answerRemoteStopTransaction((request) => {
      const mine = this.transaction && this.transaction.id === request.payload.transactionId;
      reply(request, { status: mine ? "Accepted" : "Rejected" });
      if (mine) this.later(() => this.finish("Remote"));
    });

    cp.answerReset((request) => {
      reply(request, { status: "Accepted" });
      this.later(async () => {
        await this.finish(request.payload.type === "Hard" ? "HardReset" : "SoftReset");
        this.every("heartbeat", 0);
        this.leaving = this.open;
        this.open = false;
        await this.join();
        await this.boot();
      });
    });

    cp.answerDataTransfer((request) => reply(request, { status: "UnknownVendorId" }));

    const trigger = (message, job) =>
      cp.answerTriggerMessage(message, (request) => {
        if (request.payload.connectorId > 1) return reply(request, { status: "Rejected" });
        reply(request, { status: "Accepted" });
        this.later(() => job(request.payload.connectorId));
      });
    trigger("BootNotification", () => this.boot());
    trigger("Heartbeat", () => this.ask("sendHeartbeat"));
    trigger("MeterValues", () => this.measure("Trigger"));
    trigger("StatusNotification", async (connector) => {
      for (const one of connector === undefined ? [0, 1] : [connector]) await this.notify(one);
    });
  }
}

module.exports = async function (connect) {
  const url = process.argv[3];
  let cp = null;
  for (let attempt = 0; cp === null; attempt += 1) {
    try {
      cp = await connect(url);
    } catch (error) {
      say(`no connection: ${error.message || error}`);
      await new Promise((resolve) => setTimeout(resolve, pauseS(attempt) * 1000));
    }
  }
  const station = new Station(cp, process.argv[4]);
  station.handlers();
  station.later(() => station.boot());
  readline.createInterface({ input: process.stdin }).on("line", (line) => station.obey(line));
};
