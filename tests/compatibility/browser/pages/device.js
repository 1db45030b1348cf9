// Devices that keep a collection with kinto.js, in a page and in Node.js alike: `devices.call(name, method, ...values)`.

/** What went wrong, as values that can be sent to another process. */
function described(error) {
  const status = error.response ? error.response.status : null;
  return { message: String(error.message), status, data: error.data || null };
}

/** The lists that a synchronisation gives, which are computed when asked for. */
function outcome(result) {
  const lists = ["created", "updated", "deleted", "published", "conflicts", "skipped", "resolved", "errors"];
  return { ok: result.ok, ...Object.fromEntries(lists.map((name) => [name, result[name]])) };
}

// A request of somebody else that is sent just before the next batch, so that the batch comes too late.
let meanwhile = null;
const { fetch } = globalThis;
globalThis.fetch = async (...request) => {
  const first = String(request[0]).endsWith("/batch") ? meanwhile : null;
  if (first) {
    meanwhile = null;
    await fetch(first.url, first.options);
  }
  return fetch(...request);
};

class Device {
  constructor({ name, remote, bucket, collection, authorization }) {
    const headers = { Authorization: authorization };
    const database = new globalThis.Kinto.default({ remote, bucket, headers, adapterOptions: { dbName: name } });
    this.collection = database.collection(collection);
  }

  /** What the synchronisation did, and its error if it failed as a whole. */
  async sync(options, interruption) {
    meanwhile = interruption;
    try {
      return { ...outcome(await this.collection.sync(options)), error: null };
    } catch (error) {
      return { ok: false, error: described(error) };
    }
  }

  async list() {
    return (await this.collection.list()).data;
  }

  async create(...records) {
    const created = [];
    for (const record of records) created.push((await this.collection.create(record)).data);
    return created;
  }

  async update(record) {
    return (await this.collection.update(record, { patch: true })).data;
  }

  async remove(id) {
    return (await this.collection.delete(id)).data;
  }

  /** Settle a conflict with the record that shall be. */
  async resolve(conflict, resolution) {
    return (await this.collection.resolve(conflict, resolution)).data;
  }

  /** Take every record for one that was never sent. */
  async forget() {
    return this.collection.resetSyncStatus();
  }
}

globalThis.devices = {
  opened: {},
  open(options) {
    this.opened[options.name] = new Device(options);
  },
  call(name, method, ...values) {
    return this.opened[name][method](...values);
  },
};
