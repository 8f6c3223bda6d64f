"""A second reader of vectors/*.json, written from docs/SPEC.md and sharing no code with the first.

Standard library only: its own strict CBOR, SHA-256, HMAC, HKDF. It has no signatures, no AEAD and no groups, and leaves out the
cases that say they need one ("needs"); every other case must come out as it says. Usage: check_vectors.py FOLDER
"""

import hashlib
import hmac
import json
import os
import re
import sys

MAX_INT = 2**53 - 1
DEPTH = 8


class Refused(Exception):
    """code, and the rule where one is given"""

    def __init__(self, code, rule=None):
        super().__init__(code, rule)
        self.code, self.rule = code, rule


def malformed():
    raise Refused("malformed")


# ---- ENC-1 ... ENC-3: deterministic CBOR ---------------------------------------------------------------------------------------


def cbor_head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | code]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(value):
    if value is None:
        return b"\xf6"
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return cbor_head(0, value)
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return cbor_head(3, len(text)) + text
    return cbor_head(4, len(value)) + b"".join(cbor(element) for element in value)


class Decoder:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if n > len(self.data) - self.at:
            malformed()
        self.at += n
        return self.data[self.at - n : self.at]

    def length(self, info):
        if info < 24:
            return info
        if info > 27:
            malformed()
        size = 1 << (info - 24)
        n = int.from_bytes(self.take(size), "big")
        if n < (24 if size == 1 else 1 << 4 * size):
            malformed()  # a shorter form exists
        return n

    def value(self, depth):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 0:
            n = self.length(info)
            return n if n <= MAX_INT else malformed()
        if major == 2:
            return self.take(self.length(info))
        if major == 3:
            try:
                return self.take(self.length(info)).decode("utf-8")
            except UnicodeDecodeError:
                malformed()
        if major == 4:
            if depth >= DEPTH:
                malformed()
            n = self.length(info)
            if n > len(self.data):
                malformed()
            return [self.value(depth + 1) for _ in range(n)]
        return {0xF4: False, 0xF5: True, 0xF6: None}[first] if first in (0xF4, 0xF5, 0xF6) else malformed()


def decode(data, most):
    if len(data) > most:
        raise Refused("too-large")
    decoder = Decoder(data)
    value = decoder.value(0)
    if decoder.at != len(data) or cbor(value) != data:
        malformed()
    return value


# ---- reading positional arrays -------------------------------------------------------------------------------------------------


def array(value, length):
    return value if isinstance(value, list) and len(value) == length else malformed()


def uint(value, least=0, most=MAX_INT):
    return value if type(value) is int and least <= value <= most else malformed()


def octets(value, least, most=None):
    ok = isinstance(value, bytes) and least <= len(value) <= (least if most is None else most)
    return value if ok else malformed()


def text(value, most):
    # lengths are UTF-16 code units
    return value if isinstance(value, str) and len(value.encode("utf-16-be")) // 2 <= most else malformed()


def elements(value, most):
    return value if isinstance(value, list) and len(value) <= most else malformed()


def header(value, label, what):
    """[version, label, ...]; a version that is not 1 asks for an update before anything else is looked at."""
    if not isinstance(value, list) or not value:
        malformed()
    if uint(value[0]) != 1:
        raise Refused("update-needed")
    if len(value) < 2 or value[1] != label:
        malformed()
    return value


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(key, salt, info, length=32):
    prk = hmac.new(salt, key, hashlib.sha256).digest()
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([n]), hashlib.sha256).digest()
        out, n = out + block, n + 1
    return out[:length]


def kdf(key, label):
    return hkdf(key, bytes(32), label.encode())


def unhex(digits):
    return bytes.fromhex(digits)


def signed(data, most):
    """ENC-6: [body, signer, signature]"""
    body, signer, signature = array(decode(data, most), 3)
    return octets(body, 0, most), octets(signer, 16), octets(signature, 64)


# ---- the circle ----------------------------------------------------------------------------------------------------------------

ENTRY, ACTIVE, VAULTS, ENTRIES = 16_384, 64, 50, 10_000


def invalid(rule):
    raise Refused("circle-invalid", rule)


def read_device(value):
    identity, kind, sign_key, seal_key = array(value, 4)
    return octets(identity, 16), uint(kind, 1, 3), octets(sign_key, 32), octets(seal_key, 1216)


def read_account_key(value):
    generation, kem, commitment = array(value, 3)
    return uint(generation, 1, 2**32 - 1), octets(kem, 1216), octets(commitment, 32)


def read_rotation(value):
    account_key, shares, vaults = array(value, 3)
    out = []
    for each in elements(vaults, VAULTS):
        vault, epoch, commitment, seq, digest = array(each, 5)
        out.append((octets(vault, 16), uint(epoch, 1, 2**32 - 1), octets(commitment, 32), uint(seq), octets(digest, 32)))
    return read_account_key(account_key), octets(shares, 32), out


def read_way_back(value):
    """CIR-20"""
    slot, registration, kem, sign_key, escrow = array(value, 5)
    read = octets(slot, 16), octets(registration, 16), octets(kem, 1216), octets(sign_key, 32)
    if escrow is None:
        return (*read, None)
    threshold, limit, statement, realms = array(escrow, 4)
    return (*read, [uint(threshold, 1, 16), uint(limit, 1, 10), octets(statement, 32), octets(realms, 32)])


def read_payload(kind, value):
    if not isinstance(value, list):
        malformed()
    if kind == 0:
        device, account_key, vaults, replaces = array(value, 4)
        read = []
        for each in elements(vaults, VAULTS):
            vault, epoch, commitment = array(each, 3)
            read.append((octets(vault, 16), uint(epoch, 1, 2**32 - 1), octets(commitment, 32)))
        if replaces is not None:
            account, head = array(replaces, 2)
            octets(account, 16), octets(head, 32)
        return read_device(device), read_account_key(account_key), read
    if kind == 1:
        device, transcript, share, reverse = array(value, 4)
        return read_device(device), octets(transcript, 32), octets(share, 32), octets(reverse, 64)
    if kind == 2:
        return read_rotation(value)
    if kind == 3:
        devices, disposition, rotation = array(value, 3)
        return [octets(each, 16) for each in elements(devices, ACTIVE)], uint(disposition, 0, 1), read_rotation(rotation)
    if kind == 4:
        return array(value, 0)
    if kind == 5:
        return read_way_back(array(value, 1)[0])
    if kind == 6:
        return octets(array(value, 1)[0], 16)
    if kind == 7:
        slot, device, share, reverse = array(value, 4)
        return octets(slot, 16), read_device(device), octets(share, 32), octets(reverse, 64)
    if kind == 8:
        web, extension = array(value, 2)
        return {2: uint(web, 0, 2), 3: uint(extension, 0, 2)}
    if kind == 9:
        vault, epoch = array(value, 2)
        return octets(vault, 16), uint(epoch, 1, 2**32 - 1)
    if kind == 10:
        return octets(array(value, 1)[0], 32)
    raise Refused("update-needed")


class Circle:
    """State after some entries. Entries are applied to a copy, so that a refused one changes nothing."""

    def __init__(self):
        self.seq, self.hashes, self.devices, self.vaults, self.used = -1, [], {}, {}, set()
        self.account, self.ways, self.policy = None, {}, {2: 0, 3: 0}
        self.generation, self.commitments, self.floor, self.due = 0, [], 0, False

    def copy(self):
        other = Circle()
        other.__dict__.update(self.__dict__)
        other.hashes, other.commitments, other.used = list(self.hashes), list(self.commitments), set(self.used)
        other.ways = dict(self.ways)
        other.devices = {k: dict(v) for k, v in self.devices.items()}
        other.vaults = {k: dict(v, epochs=list(v["epochs"])) for k, v in self.vaults.items()}
        return other

    def once(self, value):
        if sha(value) in self.used:
            invalid("CIR-5")
        self.used.add(sha(value))

    def active(self):
        return sorted(k for k, v in self.devices.items() if v["ended"] is None)

    def add_device(self, device, seq):
        identity, kind, sign_key, seal_key = device
        if identity in self.devices:
            invalid("CIR-5")
        self.once(sign_key), self.once(seal_key)
        self.devices[identity] = {"class": kind, "sign": sign_key, "seal": seal_key, "added": seq, "ended": None}

    def reach(self, kind):
        """CIR-23: 0 full, 1 no membership changes, 2 off; nothing holds where nobody could change it"""
        free = any(self.policy.get(self.devices[each]["class"], 0) == 0 for each in self.active())
        return self.policy.get(kind, 0) if free else 0

    def rotate(self, rotation, seq):
        (generation, kem, commitment), _, vaults = rotation
        if generation != self.generation + 1:
            invalid("CIR-8")
        self.once(kem), self.once(commitment)
        if len(vaults) != len(self.vaults):
            invalid("CIR-8")
        for vault, epoch, vault_commitment, frozen_seq, frozen_hash in vaults:
            known = self.vaults.get(vault)
            if known is None or epoch != len(known["epochs"]) + 1 or frozen_seq < known["epochs"][-1]["frozen"]:
                invalid("CIR-8")
            self.once(vault_commitment)
            known["epochs"].append({"seq": seq, "frozen": frozen_seq, "hash": frozen_hash, "commitment": vault_commitment})
        self.generation, self.due = generation, False
        self.commitments.append(commitment)

    def state_hash(self):
        """CIR-12"""
        devices = [[k, v["sign"], v["seal"], 1 if v["ended"] is None else 0] for k, v in sorted(self.devices.items())]
        vaults = [[k, len(v["epochs"]), v["done"]] for k, v in sorted(self.vaults.items())]
        ways = [[list(way) for _, way in sorted(self.ways.items())]] if self.ways else []
        policy = [["policy", self.policy[2], self.policy[3]]] if any(self.policy.values()) else []
        return sha(cbor([self.seq, self.hashes[-1], self.floor, self.due, self.generation, devices, vaults, *ways, *policy]))

    def extend(self, encoded):
        body, signer, _ = signed(encoded, ENTRY)
        fields = header(decode(body, ENTRY), "nk/1/chain", "circle-entry")
        if len(fields) < 9:
            malformed()
        _, _, account, seq, prev, kind, ts, floor, payload = fields[:9]
        account = None if account is None else octets(account, 16)
        uint(seq, 0, ENTRIES), uint(kind), uint(ts), uint(floor, 0, 255)
        prev = None if prev is None else octets(prev, 32)
        if floor > 2:
            raise Refused("update-needed")
        content = read_payload(kind, payload)
        if len(fields) != 9:
            malformed()
        after = self.copy()
        if not self.hashes:
            after.found(body, signer, account, seq, prev, kind, floor, content)
        else:
            after.apply(signer, account, seq, prev, kind, floor, content)
        after.seq, after.floor = seq, floor
        after.hashes.append(sha(encoded))
        return after

    def found(self, body, signer, account, seq, prev, kind, floor, content):
        if kind != 0 or account is not None or seq != 0 or prev is not None:
            invalid("CIR-1")
        device, (generation, kem, commitment), vaults = content
        if signer != device[0]:
            invalid("CIR-2")
        if floor != 2:
            invalid("CIR-11")
        if generation != 1 or not vaults:
            invalid("CIR-1")
        self.account = sha(b"nk/1/acct", body)[:16]
        self.add_device(device, 0)
        self.once(kem), self.once(commitment)
        self.generation = 1
        self.commitments = [commitment]
        for vault, epoch, vault_commitment in vaults:
            if epoch != 1 or vault in self.vaults:
                invalid("CIR-1")
            self.once(vault_commitment)
            self.vaults[vault] = {"done": 0, "epochs": [{"seq": 0, "frozen": 0, "hash": None, "commitment": vault_commitment}]}

    def apply(self, signer, account, seq, prev, kind, floor, content):
        if account != self.account or seq != self.seq + 1 or prev != self.hashes[-1]:
            invalid("CIR-1")
        if seq >= ENTRIES:
            invalid("CIR-7")
        if kind == 7:
            way = self.ways.get(content[0])
            if way is None or sha(way[3])[:16] != signer:
                invalid("CIR-2")
        elif signer not in self.active():
            invalid("CIR-2")
        if floor < self.floor:
            invalid("CIR-11")
        if self.due and kind not in (2, 3, 4, 7):
            invalid("CIR-10")
        if signer in self.devices and kind in (1, 3, 5, 6, 8) and self.reach(self.devices[signer]["class"]):
            invalid("CIR-23")
        if kind in (1, 7) and self.reach(content[kind == 7][1]) == 2:
            invalid("CIR-23")
        if kind == 7 and content[0] in self.devices and self.reach(self.devices[content[0]]["class"]):
            invalid("CIR-23")
        if kind == 0:
            invalid("CIR-1")
        elif kind == 1:
            self.add_device(content[0], seq)
            if len(self.active()) > ACTIVE:
                invalid("CIR-7")
        elif kind == 2:
            self.rotate(content, seq)
        elif kind == 3:
            devices, _, rotation = content
            if not devices or signer in devices:
                invalid("CIR-7")
            for device in devices:
                if device not in self.active():
                    invalid("CIR-7")
                self.devices[device]["ended"] = seq
                self.ways.pop(device, None)
            self.rotate(rotation, seq)
        elif kind == 4:
            self.devices[signer]["ended"] = seq
            self.ways.pop(signer, None)
            self.due = True
        elif kind == 5:
            slot, _, kem, sign_key, escrow = content
            own = [sha(b"nk/1/rk-slot", self.account)[:16]] if escrow is None else [signer, self.account]
            if slot not in own:
                invalid("CIR-20")
            self.once(kem), self.once(sign_key)
            self.ways[slot] = content
        elif kind == 6:
            if self.ways.pop(content, None) is None:
                invalid("CIR-21")
        elif kind == 7:
            self.add_device(content[1], seq)
            if len(self.active()) > ACTIVE:
                invalid("CIR-7")
            if self.ways[content[0]][4] is not None:
                del self.ways[content[0]]
        elif kind == 8:
            for device in self.active():
                reach = content.get(self.devices[device]["class"], 0)
                if reach == 2 or (reach and device == signer):
                    invalid("CIR-23")
                if reach:
                    self.ways.pop(device, None)
            self.policy = content
        elif kind == 9:
            vault, epoch = content
            known = self.vaults.get(vault)
            if known is None or epoch >= len(known["epochs"]) or epoch <= known["done"]:
                invalid("CIR-8")
            known["done"] = epoch
        elif kind == 10 and content != self.state_hash():
            invalid("CIR-12")

    def was_active(self, device, seq):
        known = self.devices.get(device)
        return known is not None and known["added"] <= seq and (known["ended"] is None or known["ended"] > seq)

    def epoch_at(self, vault, position):
        found = None
        for number, start in enumerate(self.vaults.get(vault, {"epochs": []})["epochs"], 1):
            if start["seq"] == 0 or position > start["frozen"]:
                found = (number, start)
        return found


def replay(entries):
    circle = Circle()
    for entry in entries:
        circle = circle.extend(unhex(entry))
    return circle


# ---- the vault log -------------------------------------------------------------------------------------------------------------


def verify_batch(circle, vault, after, encoded):
    body, device, _ = signed(encoded, 16_384)
    fields = header(decode(body, 16_384), "nk/1/batch", "batch")
    if len(fields) != 11:
        malformed()
    _, _, account, of, seq, prev, circle_seq, circle_head, ops, root, ts = fields
    octets(account, 16), octets(of, 16), uint(seq, 1), octets(prev, 32), uint(circle_seq, 0, ENTRIES), octets(circle_head, 32)
    read = []
    for each in elements(ops, 100):
        item, record, kind = array(each, 3)
        read.append((octets(item, 16), octets(record, 32), uint(kind, 1, 2)))
    octets(root, 32), uint(ts)
    if not read or len({item for item, _, _ in read}) != len(read):
        malformed()
    if account != circle.account or of != vault:
        raise Refused("record-forged", "SYN-2")
    if seq != after[0] + 1 or prev != after[1]:
        raise Refused("batch-gap")
    if circle_seq > circle.seq:
        raise Refused("circle-moved")
    if circle.hashes[circle_seq] != circle_head:
        raise Refused("circle-forked")
    epoch = circle.epoch_at(vault, seq)
    if epoch is None or circle_seq < epoch[1]["seq"]:
        raise Refused("circle-moved")
    for start in circle.vaults[vault]["epochs"]:
        if start["hash"] is not None and start["frozen"] == seq and start["hash"] != sha(encoded):
            raise Refused("record-forged", "CIR-8")
    if not circle.was_active(device, circle_seq):
        raise Refused("record-forged", "SYN-3")
    return {"device": device, "ops": read, "root": root, "end": (seq, sha(encoded))}


def state_root(records):
    """SYN-7; `records` from item to record hash"""
    buckets = [[] for _ in range(256)]
    for item in sorted(records):
        buckets[item[0]].append(item + records[item])
    return sha(*(sha(*bucket) if bucket else bytes(32) for bucket in buckets))


# ---- records and items ---------------------------------------------------------------------------------------------------------


def padded_length(n):
    if n <= 256:
        return 256
    exponent = n.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (n + mask) & ~mask


def pad(data):
    return data + b"\x80" + bytes(padded_length(len(data) + 1) - len(data) - 1)


def unpad(data):
    content = data.rstrip(b"\x00")
    if not content.endswith(b"\x80") or len(data) != padded_length(len(content)):
        raise Refused("open-failed")
    return content[:-1]


def read_envelope(data):
    fields = header(decode(data, 262_144), "nk/1/rec", "record")
    if len(fields) < 3:
        malformed()
    if uint(fields[2]) != 2:
        raise Refused("update-needed")
    _, _, _, vault, item, rev, epoch, salt, sealed = array(fields, 9)
    octets(vault, 16), octets(item, 16), octets(rev, 16), uint(epoch, 1, 2**32 - 1), octets(salt, 32), octets(sealed, 272, 262_144)
    return vault, item, rev, epoch, salt


def read_hlc(values):
    ms, ctr, dev = array(values, 3)
    return uint(ms), uint(ctr, 0, 2**32 - 1), octets(dev, 8)


def read_item(data):
    value = decode(data, 200_000)
    if not isinstance(value, list) or len(value) < 7:
        malformed()
    schema, kind, created, fields, removal, purge, history = value[:7]
    uint(schema, 1, 255), text(kind, 64), read_hlc(created)
    read = {}
    for field in elements(fields, 300):
        if not isinstance(field, list) or len(field) != 5 or text(field[0], 2_100) in read:
            malformed()
        read[field[0]] = (field[1], read_hlc(field[2:]))
    if removal is not None:
        array(removal, 4)
        removal = (uint(removal[0], 0, 1), read_hlc(removal[1:]))
    purge = None if purge is None else read_hlc(purge)
    for entry in elements(history, 20):
        array(entry, 6)
        text(entry[0], 2_100), read_hlc(entry[2:5]), uint(entry[5], 0, 1)
    return read, removal, purge


def removal_of(item):
    fields, removal, purge = item
    if purge is not None and not fields:
        return "purged"
    if removal is None or removal[0] == 1 or any(at > removal[1] for _, at in fields.values()):
        return "none"
    return "deleted"


def plain(value):
    """CBOR values as the JSON files write them."""
    if value is None or isinstance(value, bool):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return [plain(element) for element in content]
    return unhex(content) if kind == "bytes" else content


# ---- the files -----------------------------------------------------------------------------------------------------------------

count = {"checked": 0, "left out": 0}


def same(actual, expected, name):
    if actual != expected:
        raise AssertionError(f"{name}: {actual!r} is not {expected!r}")
    count["checked"] += 1


def refused(case, run):
    """The case must fail as it says, unless its fault takes more than this reader has."""
    if "needs" in case:
        count["left out"] += 1
        return
    expected = (case["refuse"]["code"], case["refuse"].get("rule"))
    try:
        run()
    except Refused as refusal:
        return same((refusal.code, refusal.rule), expected, case["name"])
    raise AssertionError(f"{case['name']}: accepted, expected {expected}")


def check_cbor(suite):
    for case in suite["accept"]:
        same(cbor(plain(case["value"])).hex(), case["encoded"], case["name"])
        same(decode(unhex(case["encoded"]), suite["maxBytes"]), plain(case["value"]), case["name"])
    for case in suite["refuse"]:
        refused(case, lambda case=case: decode(unhex(case["encoded"]), suite["maxBytes"]))


def check_circle(suite):
    prefixes = [Circle()]
    for entry in suite["entries"]:
        circle = prefixes[-1].extend(unhex(entry["encoded"]))
        prefixes.append(circle)
        state = {
            "seq": circle.seq,
            "head": circle.hashes[-1].hex(),
            "active": [device.hex() for device in circle.active()],
            "generation": circle.generation,
            "epochs": [{"vault": k.hex(), "epoch": len(v["epochs"]), "done": v["done"]} for k, v in circle.vaults.items()],
            "suiteFloor": circle.floor,
            "rotationDue": circle.due,
            "stateHash": circle.state_hash().hex(),
        }
        same(state, entry["after"], entry["name"])
    same((prefixes[1].account.hex(), prefixes[1].hashes[0].hex()), (suite["account"], suite["genesisHash"]), "account")
    for case in suite["refuse"]:
        refused(case, lambda case=case: prefixes[case["follows"]].extend(unhex(case["encoded"])))


def check_log(suite):
    circle, vault = replay(suite["circle"]), unhex(suite["vault"])
    position = lambda value: (value["seq"], unhex(value["hash"]))
    after, records = (0, circle.hashes[0]), {}
    same(after, position(suite["start"]), "start")
    for case in suite["accept"]:
        batch = verify_batch(circle, vault, after, unhex(case["encoded"]))
        ops = [{"item": i.hex(), "record": r.hex(), "op": {1: "put", 2: "reseal"}[k]} for i, r, k in batch["ops"]]
        records.update((item, record) for item, record, _ in batch["ops"])
        after = batch["end"]
        same((batch["device"].hex(), ops), (case["device"], case["ops"]), case["name"])
        same((state_root(records).hex(), batch["root"].hex()), (case["root"], case["root"]), case["name"])
        same(after, position(case["end"]), case["name"])
    for case in suite["refuse"]:
        refused(case, lambda case=case: verify_batch(circle, vault, position(case["after"]), unhex(case["encoded"])))


def check_state_root(suite):
    root = lambda case: state_root({unhex(item): unhex(record) for item, record in case["records"]}).hex()
    roots = {}
    for case in suite["accept"]:
        same(root(case), case["root"], case["name"])
        roots[case["name"]] = case["root"]
    for case in suite["differ"]:
        same(root(case) != roots[case["from"]], True, case["name"])


def check_record(suite):
    for case in suite["accept"]:
        account, vault, item = (unhex(case["place"][name]) for name in ("account", "vault", "item"))
        rev, salt, epoch = unhex(case["rev"]), unhex(case["salt"]), case["epoch"]
        aad = cbor([1, "nk/1/rec", 2, account, vault, item, rev, epoch])
        same(kdf(unhex(case["vaultKey"]), "nk/1/vk/rec").hex(), case["recordKey"], case["name"])
        same(aad.hex(), case["aad"], case["name"])
        same(hkdf(unhex(case["recordKey"]), salt, aad).hex(), case["key"], case["name"])
        envelope = unhex(case["envelope"])
        same(read_envelope(envelope), (vault, item, rev, epoch, salt), case["name"])
        same(len(decode(envelope, 262_144)[8]), padded_length(len(unhex(case["plaintext"])) + 1) + 16, case["name"])
        same(sha(envelope).hex(), case["hash"], case["name"])
    for case in suite["refuse"]:
        refused(case, lambda case=case: read_envelope(unhex(case["envelope"])))
    padding = suite["padding"]
    for length, padded in padding["lengths"]:
        same(padded_length(length), padded, f"{length} bytes")
    for case in padding["accept"]:
        same((pad(unhex(case["plaintext"])).hex(), unpad(unhex(case["padded"])).hex()), (case["padded"], case["plaintext"]), "padding")
    for case in padding["refuse"]:
        refused(case, lambda case=case: unpad(unhex(case["padded"])))


def check_item(suite):
    time = lambda value: [value[0], value[1], unhex(value[2])]
    for case in suite["accept"]:
        item = case["item"]
        names = [field["name"] for field in item["fields"]]
        same(names, sorted(names, key=lambda name: name.encode("utf-16-be")), case["name"])
        value = [item["schema"], item["kind"], time(item["created"])]
        value.append([[field["name"], plain(field["value"]), *time(field["at"])] for field in item["fields"]])
        removal = item["removal"]
        value.append(removal and [["deleted", "restored"].index(removal["state"]), *time(removal["at"])])
        value.append(item["purge"] and time(item["purge"]))
        reasons = ["replaced", "conflict"]
        value.append([[h["field"], plain(h["value"]), *time(h["at"]), reasons.index(h["reason"])] for h in item["history"]])
        value += [plain(extra) for extra in item["extra"]]
        same(cbor(value).hex(), case["encoded"], case["name"])
        same(removal_of(read_item(unhex(case["encoded"]))), case["removal"], case["name"])
    for case in suite["refuse"]:
        refused(case, lambda case=case: read_item(unhex(case["encoded"])))


def read_share(circle, reader, data):
    body, signer, _ = signed(data, 2_048)
    fields = header(decode(body, 2_048), "nk/1/share", "share")
    if len(fields) < 3:
        malformed()
    if uint(fields[2]) != 2:
        raise Refused("update-needed")
    _, _, _, account, generation, sender, to, sealed = array(fields, 8)
    octets(account, 16), uint(generation, 1, 2**32 - 1), octets(sender, 16), octets(to, 16), octets(sealed, 0, 2_048)
    if sender != signer or account != circle.account or sender not in circle.devices or to != reader:
        raise Refused("share-invalid", "KEY-8")
    if len(sealed) < 1_120 + 16:
        raise Refused("share-invalid", "KEY-7")
    return generation, sender, to


def read_wrap(circle, data):
    value = decode(data, 512)
    if not isinstance(value, list) or len(value) < 3:
        malformed()
    if uint(value[0]) != 1:
        raise Refused("update-needed")
    if value[1] not in ("nk/1/wrap/vk", "nk/1/wrap/vk-prev"):
        malformed()
    if uint(value[2]) != 2:
        raise Refused("update-needed")
    _, label, _, account, vault, epoch, under, sealed = array(value, 8)
    octets(account, 16), octets(vault, 16), uint(epoch, 1, 2**32 - 1), uint(under, 1, 2**32 - 1), octets(sealed, 0, 512)
    if account != circle.account or len(sealed) != 80:
        raise Refused("share-invalid", "KEY-9")
    return label, vault, epoch, under, sealed[:32]


def check_keys(suite):
    circle = replay(suite["circle"])
    account = unhex(suite["account"])
    same(circle.account, account, "account")
    wrap_keys = {}
    for key in suite["accountKeys"]:
        secret, generation = unhex(key["secret"]), key["generation"]
        same(kdf(secret, f"nk/1/puk/com/{generation}").hex(), key["commitment"], "commitment of the account key")
        same(circle.commitments[generation - 1].hex(), key["commitment"], "commitment in the circle")
        same((kdf(secret, "nk/1/puk/kem").hex(), kdf(secret, "nk/1/puk/sym").hex()), (key["kemSeed"], key["wrapKey"]), "derived keys")
        wrap_keys["vault", generation] = unhex(key["wrapKey"])
    for key in suite["vaultKeys"]:
        secret, epoch = unhex(key["secret"]), key["epoch"]
        same(kdf(secret, f"nk/1/vk/com/{key['vault']}/{epoch}").hex(), key["commitment"], "commitment of the vault key")
        same(circle.vaults[unhex(key["vault"])]["epochs"][epoch - 1]["commitment"].hex(), key["commitment"], "commitment in the circle")
        derived = kdf(secret, "nk/1/vk/rec").hex(), kdf(secret, "nk/1/vk/prev").hex()
        same(derived, (key["recordKey"], key["previousWrapKey"]), "derived keys")
        wrap_keys["previous", epoch] = unhex(key["previousWrapKey"])
    bind = suite["bind"]
    key = kdf(unhex(bind["exportKey"]), "nk/1/bind")
    same(key.hex(), bind["bindKey"], "bind key")
    same(hmac.new(key, unhex(bind["genesisHash"]), hashlib.sha256).hexdigest(), bind["bind"], "bind")
    ids = {name: unhex(device["id"]) for name, device in suite["devices"].items()}
    shares, wraps = suite["shares"], suite["wraps"]
    for case in shares["accept"]:
        generation, sender, to = read_share(circle, ids[case["to"]], unhex(case["encoded"]))
        same((generation, sender, to), (case["generation"], ids[case["from"]], ids[case["to"]]), case["name"])
        same(cbor([1, "nk/1/share", 2, account, generation, sender, to]).hex(), case["aad"], case["name"])
    for case in shares["lists"]:
        hashes = sorted(sha(unhex(shares["accept"][i]["encoded"])) for i in case["shares"])
        same(sha(*hashes).hex(), case["hash"], case["name"])
    for case in shares["refuse"]:
        refused(case, lambda case=case: read_share(circle, ids[case["device"]], unhex(case["encoded"])))
    for case in wraps["accept"]:
        label, vault, epoch, under, salt = read_wrap(circle, unhex(case["encoded"]))
        same((vault.hex(), epoch, under, salt.hex()), (case["vault"], case["epoch"], case["under"], case["salt"]), case["name"])
        same(label, "nk/1/wrap/vk" if case["kind"] == "vault" else "nk/1/wrap/vk-prev", case["name"])
        same(cbor([1, label, 2, account, vault, epoch, under]).hex(), case["aad"], case["name"])
        same(kdf(wrap_keys[case["kind"], under] + salt, "nk/1/wrap").hex(), case["key"], case["name"])
    for case in wraps["silent"]:
        same(("vault", read_wrap(circle, unhex(case["encoded"]))[3]) in wrap_keys, False, case["name"])
    for case in wraps["refuse"]:
        refused(case, lambda case=case: read_wrap(circle, unhex(case["encoded"])))


def hmac512(key, data):
    return hmac.new(key, data, hashlib.sha512).digest()


def lv(*parts):
    """lv_cat of the CPace draft; lengths here stay below 16,384"""
    out = b""
    for part in parts:
        n = len(part)
        out += (bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7])) + part
    return out


def check_join(suite):
    most, accept = 16_384, suite["accept"]
    run = unhex(suite["approverRandom"][0])
    account = unhex(suite["account"])
    approver = suite["approver"]
    data_a = cbor([unhex(approver["device"]), approver["circleSeq"], unhex(approver["circleHead"]), unhex(approver["genesisHash"])])
    data_b = cbor([unhex(suite["applicant"]["id"])])

    def message1(message):
        way, of, share, data = array(decode(message, most), 4)
        if uint(way, 1, 2) != expected_way:
            malformed()
        octets(of, 16), octets(share, 32), octets(data, 0, 256)
        device, seq, head, genesis = array(decode(data, 256), 4)
        octets(device, 16), uint(seq, 0, ENTRIES), octets(head, 32), octets(genesis, 32)
        if share == bytes(32):
            raise Refused("code-wrong")
        return of, share, data

    def message2(message):
        _, share, data, confirmation, sealed = array(version1(decode(message, most)), 5)
        octets(share, 32), octets(data, 0, 64), octets(confirmation, 64), octets(sealed, 0, most)
        if share in (bytes(32), share_a):
            raise Refused("code-wrong")
        return share, data, confirmation

    def message3(message):
        _, confirmation, sealed = array(version1(decode(message, most)), 3)
        octets(confirmation, 64), octets(sealed, 0, most)
        if confirmation.hex() != accept["expectedConfirmation"]:
            raise Refused("code-wrong")

    def version1(value):
        return value if isinstance(value, list) and value and value[0] == 1 and value[0] is not True else malformed()

    expected_way, qr = 2, suite["qr"]
    of, share_a, data = message1(unhex(qr["message1"]))
    same((of, data), (run, data_a), "message 1 by QR code")
    share_b, data, confirmation = message2(unhex(qr["message2"]))
    mac_key = hashlib.sha512(lv(b"CPaceMac", run, unhex(qr["sessionKey"]))).digest()
    same(hmac512(mac_key, lv(share_b, data_b)), confirmation, "the applicant's confirmation by QR code")
    same(hmac512(mac_key, lv(share_a, data_a)).hex(), qr["expectedConfirmation"], "the approver's confirmation by QR code")
    transcript = sha(cbor(["nk/1/join/qr", account, run, share_a, data_a, share_b, data_b]))
    same(transcript.hex(), qr["transcriptHash"], "transcript by QR code")
    device = suite["applicant"]
    kinds = ["cli", "web", "extension"]
    record = [unhex(device["id"]), kinds.index(device["class"]) + 1, unhex(device["signKey"]), unhex(device["sealKey"])]
    same(sha(cbor(["nk/1/join/qr", record]))[:16].hex(), qr["pin"], "the keys that a QR code names")
    same("NOKKEL1:" + (suite["request"] + qr["secret"] + qr["pin"]).upper(), qr["text"], "text of a QR code")
    for text in qr["refuse"]:
        same(re.fullmatch("NOKKEL1:[0-9A-F]{128}", text), None, "no QR code")
    expected_way = 1
    of, share_a, data = message1(unhex(accept["message1"]))
    same((of, data), (run, data_a), "message 1")
    share_b, data, confirmation = message2(unhex(accept["message2"]))
    same(data, data_b, "message 2")
    # the session key is taken from the file: without the group only what follows from it can be checked
    mac_key = hashlib.sha512(lv(b"CPaceMac", run, unhex(accept["sessionKey"]))).digest()
    same(hmac512(mac_key, lv(share_b, data_b)), confirmation, "the applicant's confirmation")
    same(hmac512(mac_key, lv(share_a, data_a)).hex(), accept["expectedConfirmation"], "the approver's confirmation")
    message3(unhex(accept["message3"]))
    transcript = sha(cbor(["nk/1/join/code", account, run, share_a, data_a, share_b, data_b]))
    same(transcript.hex(), accept["transcriptHash"], "transcript")
    for case in suite["codes"]:
        numbers = [int(each, 16) for each in case["random"]]
        same(f"{next(n for n in numbers if n < 4_294_000_000) % 1_000_000:06}", case["code"], "code")
    readers = {"applicant-1": message1, "approver-2": message2, "applicant-3": message3}
    for case in suite["refuse"]:
        refused(case, lambda case=case: readers[case["to"]](unhex(case["message"])))


def check_request(suite):
    def body(request):
        token = sha(request["token"].encode())
        return cbor([1, request["method"], request["target"], request["timeMs"], sha(unhex(request["body"])), token])

    def sign_in(case):
        ids = [unhex(case[name]) for name in ("loginId", "account", "device")]
        return cbor([1, *ids, sha(case["finishLoginRequest"].encode())])

    for case in suite["accept"]:
        same(body(case["request"]).hex(), case["signed"], case["name"])
        same((b"nk/1/req\x00" + body(case["request"])).hex(), case["message"], case["name"])
    for case in suite["refuse"]:
        same(body(case["request"]).hex(), case["signed"], case["name"])
        same(case["signed"] != suite["accept"][0]["signed"], True, case["name"])
    accepted = suite["signIn"]["accept"]
    same(sign_in(accepted).hex(), accepted["signed"], "sign-in")
    same((b"nk/1/sign-in\x00" + sign_in(accepted)).hex(), accepted["message"], "sign-in")
    for case in suite["signIn"]["refuse"]:
        same(sign_in(case).hex(), case["signed"], case["name"])
        same(case["signed"] != accepted["signed"], True, case["name"])


CHECKS = {
    "cbor.json": check_cbor,
    "circle.json": check_circle,
    "item.json": check_item,
    "join.json": check_join,
    "keys.json": check_keys,
    "log.json": check_log,
    "record.json": check_record,
    "request.json": check_request,
    "state-root.json": check_state_root,
}


def main(folder):
    for file, check in CHECKS.items():
        count["checked"] = count["left out"] = 0
        with open(os.path.join(folder, file), encoding="utf-8") as handle:
            check(json.load(handle))
        print(f"{file}: {count['checked']} checked, {count['left out']} left out")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_vectors.py FOLDER")
    main(sys.argv[1])
