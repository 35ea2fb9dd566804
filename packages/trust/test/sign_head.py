"""Signs the registry in a folder by docs/spec-head.md alone, with new keys: `sign_head.py ORIGIN FOLDER KEY_FILE`.
Writes registry.head and the file of the signing key, and prints the origin and the fingerprint."""

import base64
import hashlib
import sys
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

origin, folder, key_file = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])


def verifier_key(name, key):
    typed = b"\x01" + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    identity = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    return identity, f"{name}+{identity.hex()}+{base64.b64encode(typed).decode()}"


def sign(text, identity, key):
    return base64.b64encode(identity + key.sign(text.encode())).decode()


signing, recovery = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
signing_id, signing_text = verifier_key(origin, signing)
recovery_id, recovery_text = verifier_key(origin + "/recovery", recovery)
keys = f"{origin}\nepoch 1\nkey signing {signing_text}\nkey recovery {recovery_text}\n"
keys += f"certified {sign('hitagi-keys/v1' + chr(10) + keys, recovery_id, recovery)}\n"
time = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
index = hashlib.sha256((folder / "registry.json").read_bytes()).hexdigest()
text = f"hitagi-head/v1\n{keys}sequence 1\ntime {time}\nindex sha256:{index}\ndetails none\nprevious none\n"
(folder / "registry.head").write_text(f"{text}\n\u2014 {origin} {sign(text, signing_id, signing)}\n", encoding="utf8")
seed = base64.b64encode(signing.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())).decode()
key_file.write_text(f"hitagi-signing-key/v1\n{keys}secret plain {seed}\n")
print(origin)
print(hashlib.sha256(recovery_text.encode()).hexdigest())
