/**
 * Every error that Hitagi gives, in one table: the status, what happened, and what to do about it.
 * A code is never reused for another meaning; docs/errors.md is generated from this table.
 * `{name}` marks a parameter, and a mistyped or missing one does not compile.
 */
export const errorTable = {
  // Requests
  VALIDATION_FAILED: [400, "The request is not valid: {reason}", "See /api/docs for what this call takes."],
  UNAUTHORIZED: [
    401,
    "This call needs an API key, and the request has no valid one.",
    "Send `Authorization: Bearer <base64 of the API key>`. The key is in the file api-key in the data folder.",
  ],
  TOO_MANY_FAILED_KEYS: [
    429,
    "This address sent too many requests with a wrong key.",
    "Use the key in the file api-key in the data folder: a right key is accepted at any time.",
  ],
  HOST_NOT_ALLOWED: [
    421,
    "This server does not answer requests to the host {host}.",
    "If that is a name of the server, its owner adds it to HITAGI_ALLOWED_HOSTS. An IP address in the place of the name always works.",
  ],
  KEY_EXPIRED: [
    401,
    "The key {name} expired at {at}.",
    "Make a new key with `hitagi key add`. That needs a key with the scope manage.",
  ],
  CSRF_TOKEN_NEEDED: [
    403,
    "A browser's session changes something only with the session's token, and the request has no valid one.",
    "Reload the page. A program sends an API key instead, or what `GET /api/session` answers as `csrf` in the header x-hitagi-csrf.",
  ],
  FOREIGN_ORIGIN: [
    403,
    "The request comes from a page of another site, which may not use this server's sessions.",
    "Open this server's own page and do it there.",
  ],
  SESSION_NOT_FOUND: [
    404,
    "Session {id} doesn't exist. It may have ended.",
    "Look at the list of sessions again.",
  ],
  INVITE_INVALID: [
    403,
    "This code was used, has expired, or was never made.",
    "Make a new code on a browser that is signed in, or sign in with an API key.",
  ],
  SCOPE_NEEDED: [
    403,
    "This call needs a key with the scope {needed}. The key {name} has the scope {scope}.",
    "Use another key, or make one with `hitagi key add <name> --scope {needed}`.",
  ],
  KEY_EXISTS: [
    409,
    "A key named {name} already exists.",
    "Choose another name, or revoke that key first with `hitagi key revoke {name}`.",
  ],
  KEY_NOT_OWN: [
    409,
    "The server's own key is set by {where}.",
    "Change it there. After a change of HITAGI_API_KEY, restart the server. A change in LANraragi applies within 30 seconds.",
  ],
  KEY_ROTATED: [
    409,
    "Another server rotated the key at the same time. All servers use the new key now.",
    "Read it from the file api-key in the data folder of any server.",
  ],
  KEY_NOT_FOUND: [404, "Key {name} doesn't exist.", "List the keys with `hitagi key list`."],
  TOO_MANY_STREAMS: [
    503,
    "{limit} event streams are open already, of this key or in total.",
    "Close a stream that is no longer needed, then try again.",
  ],
  TOO_MANY_UNREAD: [
    429,
    "Too many answers of this key have not been read yet.",
    "Read the open answers or close their connections, then send the request again.",
  ],
  ROUTE_NOT_FOUND: [404, "There is no such call: {method} {path}", "See /api/docs for all calls."],
  UNSUPPORTED_MEDIA_TYPE: [
    415,
    "This call does not accept a body of type {type}.",
    "Send {wanted}, and set the Content-Type header to match.",
  ],
  REQUEST_TIMEOUT: [
    408,
    "The request body did not arrive within {seconds} s.",
    "Check the connection, then send the request again.",
  ],
  HEADERS_TOO_LARGE: [
    431,
    "The address and headers of the request are larger than {limit} bytes.",
    "Shorten the address and send fewer headers. Tags and summaries of an upload belong in its form.",
  ],
  PAYLOAD_TOO_LARGE: [413, "The request is larger than {limit} bytes.", "Send a smaller file."],
  INTERNAL: [
    500,
    "Something went wrong inside the server (request {requestId}).",
    "Look for this request id in the server's log. Report it if it happens again.",
  ],
  STOPPING: [503, "The server is stopping.", "Try again when the server is back."],

  // Registries
  REGISTRY_NOT_FOUND: [404, "Registry {id} doesn't exist.", "List registries with `hitagi registry list`."],
  REGISTRY_AMBIGUOUS: [409, "Several registries are named {name}.", "Give the id of one of them: {ids}."],
  REGISTRY_FIELDS_INVALID: [
    400,
    "The {provider} registry is not valid: {reason}",
    "Forges take name, url (https) and ref; git takes name, url (https or ssh) and ref; cdn takes name and url (http or https); local takes name and path (an absolute folder). `hitagi registry test <address>` says which one an address needs.",
  ],
  ADDRESS_UNKNOWN: [
    400,
    "This is not the address of a registry: {reason}.",
    "Give the address of a repository, of a folder in a repository, or of a web folder that contains registry.json; or give the absolute path of a folder on the server.",
  ],
  REGISTRY_BUSY: [
    423,
    "An operation on registry {name} ({id}) is already in progress.",
    "Wait for it to end, then try again.",
  ],
  REGISTRY_NOT_REFRESHED: [
    409,
    "No registry index cached for {name} ({id}).",
    "Refresh it first: `hitagi registry refresh {id}`.",
  ],

  // Sources
  SOURCE_UNREACHABLE: [
    502,
    "The registry's source could not be reached: {reason}",
    "Check the address, and that this machine can reach it.",
  ],
  SOURCE_STATUS: [
    502,
    "The registry's source answered {status} for {path}.",
    "Check the address and the path. For a private registry, check its credential too.",
  ],
  SOURCE_CREDENTIAL_NEEDED: [
    502,
    "The registry's source requires a credential for {path} (it answered {status}).",
    "Add a token with `hitagi registry update <id> --token-stdin`, a password with --user <name> --password-stdin, or an ssh key with --ssh-key. If the registry should be public, check the address.",
  ],
  SOURCE_CREDENTIAL_REFUSED: [
    502,
    "The registry's source rejected the registry's credential for {path} (it answered {status}).",
    "Check that the credential has not expired and may read this repository. Set a new one with `hitagi registry update <id> --token-stdin`, --password-stdin or --ssh-key.",
  ],
  SOURCE_RATE_LIMITED: [
    502,
    "The registry's source accepts no more requests {until}.",
    "Try again then. Most forges allow more requests with a token.",
  ],
  SOURCE_CERTIFICATE: [
    502,
    "The registry's source cannot be trusted: {reason}",
    "If the host uses its own certificate authority, set HITAGI_CA_FILE to that authority's file. Otherwise tell the registry's keeper.",
  ],
  SOURCE_REPOSITORY_MISSING: [
    400,
    "The registry's address has no repository, or the repository is private.",
    "Check the address. For a private repository, add a credential: `hitagi registry update <id> --token-stdin` or --ssh-key.",
  ],
  SOURCE_REF_MISSING: [
    400,
    "The registry's repository has no branch, tag or commit {ref}.",
    "Choose one that exists: `hitagi registry update <id> --ref <ref>`. HEAD is the default branch.",
  ],
  SOURCE_HOST_KEY_CHANGED: [
    502,
    "The registry's host presents a different ssh key than before.",
    "This can be an attack. Ask the registry's keeper. If the key really changed, remove the host's line from git/known_hosts in the data folder.",
  ],
  GIT_MISSING: [
    500,
    "The program git is not installed on the server, or cannot be run.",
    "Install git (2.31 or newer), or set HITAGI_GIT to its path. Registries on forges work without git.",
  ],
  SOURCE_WEB_PAGE: [
    502,
    "The registry's source answered with a web page instead of {path}.",
    "Open the registry's address in a browser. Give the address of the folder that registry.json is in, or of the repository.",
  ],
  SOURCE_LOGIN_PAGE: [
    502,
    "The registry's source answered with a login page of {host} instead of {path}.",
    "Add a credential with `hitagi registry update <id> --token-stdin`, or --user <name> --password-stdin. If the registry should be public, check the address.",
  ],
  SOURCE_CAPTIVE_PORTAL: [
    502,
    "A page of {host} was sent instead of the registry's {path}, as by the sign-in page of a network (captive portal).",
    "Sign in to the network from the server's machine, or open the registry's address in a browser there. If the registry has moved, use its new address.",
  ],
  SOURCE_TIMEOUT: [
    502,
    "The registry's source took longer than {seconds} s for {path}.",
    "Try again later, or ask the registry's keeper to move it to a faster host.",
  ],
  SOURCE_TOO_LARGE: [
    400,
    "{path} is larger than the limit of {limit} bytes.",
    "Ask the registry's keeper to make it smaller.",
  ],
  SOURCE_TOO_MANY_FILES: [
    400,
    "It has {count} files that may be plugins, more than the limit of {limit}.",
    "Name the folder that the plugins are in.",
  ],
  SOURCE_REDIRECT: [
    502,
    "The registry's source redirected in a way that is not allowed: {reason}",
    "Use the address that it redirects to.",
  ],
  SOURCE_FILE_MISSING: [
    400,
    "The registry has no file {path}.",
    "Check the registry's path and that registry.json is published there.",
  ],
  NOT_IN_MIRROR: [
    404,
    "{path} is not in this mirror of {of}.",
    "Mirror it too, on a server that reaches the registry: `hitagi mirror <folder> <plugin>`, or `--all` for all plugins.",
  ],
  MIRROR_WITHOUT_INDEX: [
    409,
    "The registry {name} has no registry.json that could be mirrored: its index is generated here.",
    "Copy its folder or clone its repository, and add the copy with `hitagi registry add <folder> --generate-index`.",
  ],
  SOURCE_PATH_ESCAPES: [
    400,
    "The path escapes registry root: {path}",
    "Ask the registry's keeper to use files inside the folder.",
  ],

  // Index and catalog
  INDEX_INVALID: [
    400,
    "registry.json is not valid at {path}: {reason}",
    "Ask the registry's keeper to correct it. If only entries below /plugins are invalid, `hitagi registry update <id> --lenient` skips them and keeps the rest.",
  ],
  INDEX_OLDER: [
    409,
    "The index of {name} was generated at {found}, before the cached one of {cached}. The cached one stays.",
    "An old copy may be served, or an attacker withholds updates. If the keeper went back on purpose: `hitagi registry refresh {id} --accept-older`.",
  ],
  PLUGIN_NOT_IN_REGISTRY: [
    404,
    "Plugin {namespace} not found in registry {name} ({registry}).",
    "List what the registry offers with `hitagi search --registry {registry}`.",
  ],
  VERSION_WITHDRAWN: [
    404,
    "{namespace} {version} was yanked by its keeper on {at}, and can no longer be installed: {reason}",
    "`hitagi info {namespace}` lists the versions that are offered.",
  ],
  VERSION_NOT_FOUND: [
    404,
    "Version {version} not found for plugin {namespace}.",
    "`hitagi info {namespace}` lists its versions.",
  ],

  // Signed heads (docs/spec-head.md)
  HEAD_INVALID: [
    502,
    "The registry's head is not valid: {reason}.",
    "Nothing of it is used, and what was accepted of registry {name} ({id}) stays. Tell its keeper. If it needs a newer Hitagi, upgrade this server.",
  ],
  SIGNATURE_MISSING: [
    502,
    "The registry {name} ({id}) must show a head, and does not: {reason}.",
    "The registry may have been replaced. Ask its keeper over another way than the registry. If the keeper gave up signing: `hitagi registry trust {id} --unsigned`.",
  ],
  SIGNATURE_REQUIRED: [
    409,
    "The registry {name} ({id}) is not signed, and this server's policy wants signed registries.",
    "Ask its keeper to sign it, or take it unsigned too: `hitagi registry trust {id} --optional`. `hitagi policy signatures` shows the rules.",
  ],
  ORIGIN_CHANGED: [
    502,
    "The registry's head is of another registry: {reason}.",
    "The address of registry {name} ({id}) may now show the registry of another keeper. Ask its keeper. To follow the other registry, add it by itself.",
  ],
  ORIGIN_TAKEN: [
    409,
    "The registry's head is of {origin}, which {name} ({other}) has with another recovery key.",
    "One of them is not what it says it is. Compare both fingerprints with what the keeper published, and remove the wrong one.",
  ],
  RECOVERY_KEY_CHANGED: [
    502,
    "The registry {name} ({id}) shows another recovery key than the one that it is pinned to: {reason}.",
    "This is an attack, or the keeper lost the paper key. Ask the keeper over another way than the registry, then compare: `hitagi registry trust {id}` shows both fingerprints and asks.",
  ],
  FINGERPRINT_DIFFERS: [
    409,
    "The registry {name} shows {found}, and the given fingerprint is {given}. It was not added.",
    "Compare it with what the keeper published over another way than the registry. If you copied it right, this may be an attack: do not add the registry, and tell its keeper.",
  ],
  KEYS_NOT_CERTIFIED: [
    502,
    "The registry's head is not valid: {reason}.",
    "Nothing of it is used, and what was accepted of registry {name} ({id}) stays. Tell its keeper: `hitagi registry recover` certifies the keys of a head.",
  ],
  SIGNATURE_UNKNOWN: [
    502,
    "The registry's head has no valid signature: {reason}.",
    "The head was changed after it was signed, or a stranger signed it. Nothing of it is used, and what was accepted of registry {name} ({id}) stays. Tell its keeper.",
  ],
  KEYS_FORKED: [
    502,
    "The registry {name} ({id}) shows other keys than before without a new epoch: {reason}.",
    "A stolen key may be in use. `hitagi registry evidence {id} --out evidence.txt` writes both heads to a file. Send it to the keeper, who begins a new epoch with the paper key.",
  ],
  HEAD_FORKED: [
    502,
    "The registry {name} ({id}) shows different heads to different readers: {reason}.",
    "`hitagi registry evidence {id} --out evidence.txt` writes both heads to a file that anyone can verify. Send it to the keeper, who begins a new epoch with the paper key.",
  ],
  REGISTRY_BEHIND: [
    502,
    "The registry shows an earlier head than the accepted one: {reason}.",
    "A slow cache does so for minutes or hours. If it lasts more than a day, an attacker withholds updates of registry {name} ({id}): tell its keeper, or use another address of it.",
  ],
  HEAD_ROLLED_BACK: [
    502,
    "The registry went back: {reason}.",
    "An old copy is served, or an attacker withholds updates. What was accepted of registry {name} ({id}) stays. Tell its keeper.",
  ],
  REGISTRY_TORN: [
    502,
    "{path} is not the file that the registry's head names.",
    "The registry is being published, or a cache is slow. The server tries again by itself for an hour; what was accepted stays.",
  ],
  INDEX_MISMATCH: [
    502,
    "{path} has been another file than the one that the registry's head names for more than an hour.",
    "The file was changed after it was signed. What was accepted stays. Tell the registry's keeper: `hitagi registry verify <folder>` shows it to them.",
  ],
  VERSION_REMOVED: [
    502,
    "The registry no longer has {namespace} {version}, which it signed before, and does not name it as yanked.",
    "A signed registry keeps each version, or yanks it in its details. What was accepted stays. Tell the registry's keeper: `hitagi registry yank`, or a new epoch.",
  ],
  REGISTRY_NOT_SIGNED: [
    409,
    "No signed head of registry {name} ({id}) was accepted.",
    "`hitagi registry list` says which registries are signed. If this one is, refresh it first: `hitagi registry refresh {id}`.",
  ],
  REGISTRY_NOT_MOVED: [
    409,
    "The accepted head of registry {name} ({id}) does not say that it is at {address} now.",
    "`hitagi registry show {id}` shows where its keeper says that it is. `hitagi registry update {id} --url …` sets any address.",
  ],
  TRUST_CHANGED: [
    409,
    "Another refresh changed what was accepted of the registry at the same time.",
    "Refresh the registry again.",
  ],

  // Install
  PLUGIN_BUSY: [
    423,
    "An operation on plugin {namespace} is already in progress.",
    "Wait for it to end, then try again.",
  ],
  NAMESPACE_TAKEN: [
    409,
    "{namespace} already exists as a {origin} plugin.{advice}",
    "{remedy} Force does not override this.",
  ],
  FILE_TAKEN: [
    409,
    "The file {file} already belongs to the plugin {owner}.",
    "Uninstall {owner} first, or ask the keeper to name the file differently.",
  ],
  OTHER_REGISTRY: [
    409,
    "{namespace} is already installed from '{registry}' (v{version}). Use force to overwrite.",
    "{name} offers the installed one. Repeat the install with `--force` if you trust the other registry.",
  ],
  VERSION_CHANGED: [
    409,
    "{namespace} {version} has other bytes than {first} when it was first seen on {since}: SHA-256 {expected} then, {actual} now.",
    "A published version must not change, and build metadata (`+…`) makes no other version. Ask the registry's keeper. If an install says so and you trust the new file, repeat it with `--accept-changed`. Of a signed registry what was accepted stays, until the keeper begins a new epoch.",
  ],
  WOULD_DOWNGRADE: [
    409,
    "{namespace} {installed} is installed, and the registry's version is {version}.",
    "To go back, name the version: `hitagi install {namespace} --version {version}`. `hitagi rollback {namespace}` restores the version before.",
  ],
  REGISTRY_NOT_ALLOWED: [
    403,
    "Your policy allows no plugins from the registry {registry}: {namespace} was not installed.",
    "`hitagi policy installs show` shows the allowed registries; `hitagi policy installs set registries=…` changes them.",
  ],
  TYPE_NOT_ALLOWED: [
    403,
    "Your policy allows no {type} plugins: {namespace} was not installed.",
    "`hitagi policy installs show` shows the allowed types; `hitagi policy installs set types=…` changes them.",
  ],
  RUNTIME_NOT_ALLOWED: [
    403,
    "Your policy allows no plugins of the runtime {runtime}: {namespace} was not installed.",
    "`hitagi policy installs show` shows the allowed runtimes; `hitagi policy installs set runtimes=…` changes them.",
  ],
  UNSIGNED_NOT_ALLOWED: [
    403,
    "Your policy allows no plugins from unsigned registries: {namespace} was not installed.",
    "Install it from a registry that is signed, or ask its keeper to sign it (`hitagi registry sign`). `hitagi policy installs set unsigned=on` allows it.",
  ],
  SIDELOAD_NOT_ALLOWED: [
    403,
    "Your policy allows no plugins from files: {namespace} was not installed.",
    "Install it from a registry. `hitagi policy installs set sideloaded=on` allows files.",
  ],
  EVIDENCE_WEAKER: [
    409,
    "{namespace} is installed from a signed registry, and {registry} is not signed.",
    "Install it from a signed registry. If you trust this one as much, repeat the install with `--accept-unsigned`.",
  ],
  VERSION_TOO_NEW: [
    409,
    "{namespace} {version} is known to this server for {age} only, and updates wait for {minimum}.",
    "Wait, or take it now: `hitagi upgrade {namespace}`, or `hitagi install {namespace} --version {version}` where upgrades by hand wait too. `hitagi policy installs set age=…` changes the wait.",
  ],
  VERSION_YOUNG: [
    409,
    "{namespace} {version} is known to this server for {age} only; automatic updates wait for {minimum}.",
    "This is a warning. If you do not need it today, wait: faults and stolen releases are mostly found within hours.",
  ],
  EPOCH_TOO_NEW: [
    409,
    "The registry {registry} changed its keys {age} ago, and automatic updates take nothing from it until {until}.",
    "Read what its keeper says of the change, or compare with another owner: `hitagi registry compare {id} …`. `hitagi upgrade {namespace}` takes the version now.",
  ],
  EPOCH_NEW: [
    409,
    "The registry {registry} changed its keys {age} ago; automatic updates take nothing from it until {until}.",
    "This is a warning. If its keeper announced no change of keys, wait, and ask.",
  ],
  PLUGIN_BLOCKED: [
    403,
    "{namespace} {version} is blocked by the list {list}: {reason}",
    "Choose another plugin or version. If you trust it all the same: `hitagi policy blocks allow {namespace}`.",
  ],
  PLUGIN_WARNED_OF: [
    409,
    "The list {list} warns of {namespace} {version}: {reason}",
    "This is a warning. Read the reason before you install it.",
  ],
  VERSION_YANKED: [
    409,
    "{namespace} {version} was yanked by its keeper on {at}: {reason}",
    "Choose another version; `hitagi info {namespace}` lists them. `hitagi install {namespace} --version {version}` takes it all the same.",
  ],
  VERSION_NOT_IN_EPOCH: [
    403,
    "{namespace} {version} was withdrawn by its keeper: the registry's new epoch does not have this version.",
    "Choose another version; `hitagi info {namespace}` lists them. If you know better than its keeper: `hitagi policy blocks allow {namespace}`.",
  ],
  VERSION_DANGEROUS: [
    403,
    "{namespace} {version} was yanked by its keeper on {at} as dangerous: {reason}",
    "Choose another version or plugin. If you know better than its keeper: `hitagi policy blocks allow {namespace}`.",
  ],
  BLOCK_LIST_NOT_LOADED: [
    503,
    "The block list {name} was never loaded, so that nothing is installed.",
    "`hitagi policy blocks refresh` loads it and says what is wrong. `hitagi policy blocks remove {name}` follows it no longer.",
  ],
  BLOCK_LIST_INVALID: [
    422,
    "The block list cannot be used: {reason}.",
    "The edition before stays. Tell the list's publisher. If the publisher has a new key, remove the list and add it again with that key.",
  ],
  BLOCK_LIST_UNREADABLE: [
    409,
    "The file {path} of the block list cannot be read: {reason}.",
    "The edition before stays. Put the file back, or remove the list and add it again by the absolute path of a file of the server.",
  ],
  BLOCK_LIST_OLDER: [
    409,
    "The block list {name} shows edition {found}, and edition {accepted} was loaded.",
    "The newer edition stays. An old copy may hide entries: try again later, or tell the list's publisher.",
  ],
  BLOCK_LIST_EXISTS: [
    409,
    "There is a block list {name} already.",
    "Choose another name, or remove that list first: `hitagi policy blocks remove {name}`.",
  ],
  BLOCK_LIST_NOT_FOUND: [
    404,
    "Block list {name} doesn't exist.",
    "`hitagi policy blocks show` shows the lists.",
  ],
  BLOCK_LISTS_FULL: [
    409,
    "There are {limit} block lists already.",
    "Remove one first: `hitagi policy blocks remove <name>`.",
  ],
  PLUGIN_CHECKED: [
    409,
    "{namespace} {version}: {finding}",
    "This is a warning, by a rule of `hitagi check`. Ask its author to mend it, or look at the file before you install it.",
  ],
  NAMESPACE_LOOKS_LIKE: [
    409,
    "{namespace} has nearly the name of the installed plugin {known}, which is from elsewhere.",
    "This is a warning. Compare both names letter by letter: plugins that steal take the names of others.",
  ],
  ADDRESS_LOOKS_LIKE: [
    409,
    "The host {host} looks like {known}, where the registry {registry} is.",
    "This is a warning. Compare both names letter by letter: copies that steal have addresses that look alike.",
  ],
  HASH_MISMATCH: [
    422,
    "SHA-256 mismatch for {namespace} {version}: the index says {expected}, the file is {actual}.",
    "Refresh the registry. If the error stays, tell its keeper: the file is not the published one.",
  ],
  ARTIFACT_NAME_INVALID: [
    422,
    "Invalid plugin filename: {file}",
    "Ask the registry's keeper for a name of letters, digits, `-` and `_`, ending in .ts, .js, .mjs or .pm.",
  ],
  RUNTIME_UNAVAILABLE: [
    422,
    "{file} cannot run here: {reason}",
    "Perl plugins (.pm) need a server started with `--perl`, and perl with libmojolicious-perl. /healthz shows the state of each runtime.",
  ],
  PACKAGE_MISMATCH: [
    422,
    "Package mismatch: the file declares {actual}, its place needs {expected}.",
    "Correct the package line of the file, or tell the plugin's author.",
  ],
  MANIFEST_MISMATCH: [
    422,
    "The plugin says {field} is {actual}, the registry says {expected}.",
    "Tell the registry's keeper: the index and the plugin disagree.",
  ],
  MANIFEST_INVALID: [
    422,
    "The plugin's manifest is not valid at {path}: {reason}",
    "Correct the file if it is yours, or tell the plugin's author.",
  ],
  LOAD_FAILED: [
    422,
    "The plugin failed to load: {reason}",
    "Correct the file if it is yours, else install another version, or tell the plugin's author.",
  ],
  LOAD_CHECK_FAILED: [
    500,
    "The plugin's load check failed to run: {reason}",
    "Try again. If the error stays, look at the server's log.",
  ],
  PERMISSION_NEEDED: [
    409,
    "{namespace} {version} asks for more permissions than were granted: {permissions}",
    "Review them, then accept with `hitagi upgrade {namespace} --grant`.",
  ],
  GRANT_NEEDED: [
    409,
    "{namespace} {version} asks for {permissions}, and this server grants no permission without its owner.",
    "Review them, then repeat the command: `hitagi install {namespace} --yes`, or send `grant` and `shown` in the request.",
  ],
  HITAGI_NEEDED: [
    409,
    "{namespace} {version} needs Hitagi {range}, and this is {current}.",
    "{could}Upgrade this server for the version that you want.",
  ],
  REQUIREMENT_UNMET: [
    409,
    "{by} needs {namespace} {range}, and {reason}.",
    "{could}`hitagi info {namespace}` shows what is offered. `hitagi install {plugin} --ignore-requirements` installs it without.",
  ],
  REQUIREMENT_LACKING: [
    409,
    "{by} needs {namespace} {range}, and {reason}.",
    "Bring it first with `hitagi install {namespace}`. `{command} --ignore-requirements` does it all the same.",
  ],
  REQUIREMENT_ELSEWHERE: [
    409,
    "{by} needs {namespace} {range}, which only another registry offers: {registry}.",
    "If you trust that registry too: `hitagi install {plugin} --other-registries`, or install {namespace} from it first.",
  ],
  REQUIREMENT_BROKEN: [
    409,
    "{by} needs {namespace} {range}, and would get {version}.",
    "{could}Upgrade or remove what needs it first, or repeat the install with `--ignore-requirements`.",
  ],
  REQUIREMENT_NEW: [
    409,
    "The update needs {namespace} {version}, and automatic updates install no new plugins.",
    "Upgrade it yourself with `hitagi upgrade`, or install {namespace} first.",
  ],
  REQUIREMENT_NOT_NEWEST: [
    409,
    "{namespace} {version} is taken, because {newer} is refused: {reason}",
    "This is a warning. `hitagi policy` shows your rules. `hitagi info {namespace}` lists the versions.",
  ],
  INSTALL_SET_CHANGED: [
    409,
    "The install would put {versions} in place, which the preview did not show.",
    "Look at the preview again, then decide: the registry has changed meanwhile.",
  ],
  PLUGIN_REQUIRED: [
    409,
    "{namespace} is needed by {by}{instead}.",
    "Change or remove what needs it first. `{command} --ignore-requirements` does it all the same.",
  ],
  PLUGIN_CHANGED: [
    409,
    "Something else changed {namespace} during the operation.",
    "Check its current state, then repeat the operation.",
  ],
  DISK_FULL: [507, "The disk is full.", "Free space on the disk of the data folder, then try again."],
  UNDO_FAILED: [
    500,
    "The operation failed ({reason}) and could not be undone. Left to clean up: {left}",
    "Restart the server to repair it. If that does not help, reinstall the plugin.",
  ],
  SYNC_BUSY: [423, "Another sync is running.", "Wait until its job ends, then try again."],
  LOCK_KEY_DIFFERS: [
    409,
    "The registry {name} of the lock file has the key {locked}, and {here} ({id}) here has {found}.",
    "Nothing was changed: a sync never replaces a key. Ask the keeper which one is right. `hitagi registry trust {id}` shows both keys and asks.",
  ],
  HEAD_BELOW_LOCK: [
    409,
    "The registry {name} went back: here it shows {found}, and the lock file was made with {locked}.",
    "Nothing was changed. An old copy or an old mirror is read: refresh it, or mirror the registry again. If it stays so, tell its keeper.",
  ],
  LOCK_HASH_DIFFERS: [
    409,
    "{namespace} {version} has the hash {locked} in the lock file, and its registry offers {found}.",
    "Nothing was changed. The lock file or the registry was changed. Compare with the server where the lock file was made.",
  ],
  LOCK_REPLACES: [
    409,
    "{namespace} {version} ({from}) is replaced by the one of another source ({to}).",
    "Its settings stay, and secrets that were entered for it are withheld. To keep it, take it out of the lock file.",
  ],
  LOCK_FILE_MISSING: [
    409,
    "{namespace} {version} of the lock file is of no registry, and its file is not kept here.",
    "Install its file first with `hitagi sideload <file>`, or take the plugin out of the lock file.",
  ],
  PLUGIN_REGISTRY_GONE: [
    409,
    "The registry {registry} that {namespace} was installed from no longer exists.",
    "Add a registry that offers it, then install from it with `hitagi install {namespace} --force`.",
  ],
  PLUGIN_HELD: [
    409,
    "{namespace} is held at {at}, and {version} is another version.{note}",
    "Lift the hold with `hitagi unhold {namespace}`, then repeat the command.",
  ],
  UPDATE_NEEDS_OWNER: [
    409,
    "{namespace} {version} is not installed without its owner: {reason}.",
    "Look at it with `hitagi info {namespace}`, and take it with `hitagi upgrade {namespace}`.",
  ],
  UPDATE_SKIPPED: [
    409,
    "{namespace} {version} is not installed by an upgrade: {reason}.{note}",
    "Offer it again with `hitagi unskip {namespace} {version}`.",
  ],
  NOTHING_TO_SKIP: [
    409,
    "No update of {namespace} is offered.",
    "Name the version to skip: `hitagi skip {namespace} <version>`.",
  ],
  VERSION_NOT_KNOWN: [
    404,
    "No registry offers {namespace} {version}, and it is not kept here. There are: {known}.",
    "Name one of these. `hitagi registry refresh` may find newer ones.",
  ],
  NO_UPDATE: [
    409,
    "{namespace} has no newer version.",
    "Refresh its registry, or choose a version. A sideloaded plugin gets another one with `hitagi sideload`.",
  ],
  NO_UPDATE_QUARANTINED: [
    409,
    "{namespace} {version} is quarantined, and there is no newer version: {reason}",
    "{remedy} `hitagi info {namespace}` shows more.",
  ],
  NO_UPDATE_BROKEN: [
    409,
    "{namespace} {version} is {state} and does not run, and there is no newer version.",
    "`hitagi reinstall {namespace}` puts its file back. `hitagi info {namespace}` shows why it does not run.",
  ],
  NO_UPDATE_YANKED: [
    409,
    "{namespace} {version} was yanked by its keeper on {at}, and there is no newer version: {reason}",
    "{remedy} `hitagi info {namespace}` shows more.",
  ],
  NO_UPDATE_WITHDRAWN: [
    409,
    "{namespace} {version} is no longer offered by its registry, and there is no newer version.",
    "{remedy} `hitagi info {namespace}` shows more.",
  ],
  ALREADY_SIDELOADED: [
    409,
    "{namespace} is a sideloaded plugin already.",
    "`hitagi move {namespace}` replaces it by a registry's plugin, `hitagi sideload` by another file.",
  ],
  NOTHING_TO_ROLL_BACK: [
    409,
    "No other version of {namespace} is kept.",
    "Install the version that you want from its registry.",
  ],
  NOTHING_SAFE_TO_ROLL_BACK: [
    409,
    "No kept version of {namespace} is gone back to without being named: {reasons}",
    "Upgrade it, or remove it with `hitagi uninstall {namespace}`. `hitagi rollback {namespace} <version>` names one; what is blocked or dangerous also needs `hitagi policy blocks allow {namespace}`.",
  ],
  VERSION_LEFT_OUT: [
    409,
    "The registry of {namespace} no longer has version {version}.",
    "`hitagi info {namespace}` shows what it offers.",
  ],
  VERSION_NOT_KEPT: [
    404,
    "Version {version} of {namespace} is not kept here.",
    "`hitagi list {namespace}` shows the versions kept.",
  ],
  PLUGIN_BYTES_LATE: [
    503,
    "The server is still fetching the file of {namespace}.",
    "Try again later. If the error stays, check that the shared artifact storage (HITAGI_ARTIFACTS) responds.",
  ],
  PLUGIN_BYTES_MISSING: [
    500,
    "The file of {namespace} {version} is neither on this server nor in the shared artifact storage.",
    "Install it again from its registry, or roll it back: `hitagi list {namespace}` shows the versions kept.",
  ],
  PLUGIN_PLACE_INVALID: [
    500,
    "The record of {namespace} names a file outside of the folders for installed plugins.",
    "Another program wrote that record. Uninstall the plugin, then install it again.",
  ],

  // Plugins
  PLUGIN_NOT_FOUND: [
    404,
    "Plugin {namespace} is not installed.",
    "List the plugins with `hitagi list`. If a registry offers it, install it first: `hitagi install {namespace}`.",
  ],
  PLUGIN_NOT_OFFERED: [
    404,
    "No registry offers a plugin {namespace}.",
    "List what the registries offer with `hitagi search`, or refresh them with `hitagi registry refresh`.",
  ],
  PLUGIN_YANKED: [
    404,
    "No registry offers {namespace} any more: its keeper yanked all its versions, {version} on {at}: {reason}",
    "Choose another plugin with `hitagi search`, or ask the keeper.",
  ],
  PLUGIN_NOT_INSTALLED: [404, "Plugin {namespace} is not installed.", "List the plugins with `hitagi list`."],
  PLUGIN_BUILTIN: [
    403,
    "{namespace} is a builtin plugin and cannot be removed or replaced.",
    "Disable it instead.",
  ],
  PLUGIN_NOT_METADATA: [
    400,
    "{namespace} is not a metadata plugin.",
    "Only metadata plugins can be enabled, hidden, ordered, and run over many archives.",
  ],
  PLUGIN_RECORD_BROKEN: [
    500,
    "The stored record of {namespace} has no type.",
    "Restart the server: its scan at the start repairs the record.",
  ],
  PLUGIN_FILE_REFUSED: [
    409,
    "{file} does not run as {namespace}: {reason}",
    "Correct or remove that file in the plugins folder, then restart the server.",
  ],
  PERMISSION_NOT_ASKED: [
    400,
    "{namespace} does not ask for {permissions}, so this cannot be granted.",
    "`hitagi info {namespace}` shows what it asks for.",
  ],
  TAG_TABLE_UNUSABLE: [
    409,
    "The translation table {file} cannot be used: {reason}.",
    "Correct the file, name another one with `hitagi policy tags table`, or remove it with `hitagi policy tags table --none`. Nothing was changed.",
  ],
  TAG_RULE_INVALID: [
    400,
    "The tag rule {rule} {reason}.",
    "{instead} Nothing was changed. To take rules as LANraragi does: `hitagi policy tags set <file> --lenient`.",
  ],
  TAG_RULES_UNUSED: [
    409,
    "There are no tag rules and no translation table in use.",
    "Add rules with `hitagi policy tags add`, or use those that are off with `hitagi policy tags on`.",
  ],
  TAG_RULES_NO_UNDO: [
    409,
    "The tag rules have not been changed yet.",
    "There is nothing to undo. `hitagi policy tags show` shows the rules.",
  ],
  FILE_NOT_GRANTABLE: [
    400,
    "{path} cannot be granted: {reason}.",
    "Name a file or folder that exists on the server, by its absolute path, such as a tag database or the folder of the archives.",
  ],
  GRANTED_FILE_UNAVAILABLE: [
    409,
    "{namespace} is granted {path}, which it cannot be given: {reason}.",
    "Put it right, or grant other paths: `hitagi grant {namespace} --read PATH`, or none with `--no-read`.",
  ],
  FILE_NOT_READ: [
    404,
    "{path} cannot be read: {reason}.",
    "Compare the path with what is granted: `hitagi info` with the plugin's namespace.",
  ],
  SETTING_UNKNOWN: [
    400,
    "{namespace} has no setting {name}.",
    "List its settings with `hitagi info {namespace}`.",
  ],
  SETTING_INVALID: [
    400,
    "The setting {name} is not a valid {type}{form}.",
    "List its settings with `hitagi settings {namespace}`.",
  ],
  PLUGIN_FAILED: [500, "{reason}", "`hitagi logs {namespace}` shows its log and where it failed."],
  PLUGIN_FOLDER_FULL: [
    500,
    "The plugin filled its temporary folder: {reason}",
    "Set HITAGI_PERL_FOLDER to more megabytes and restart the server, if the plugin needs them.",
  ],
  PLUGIN_TIMEOUT: [
    504,
    "The plugin took longer than {seconds} s and was stopped.",
    "Try again. `hitagi logs {namespace}` shows what it did; HITAGI_CALL_TIMEOUT is the limit.",
  ],
  PLUGIN_CANCELLED: [499, "The call was cancelled.", "Start it again if you still want it."],
  PLUGIN_CRASHED: [
    500,
    "The plugin's process ended unexpectedly: {reason}",
    "Look at `hitagi logs {namespace}`. Go back to a version before with `hitagi rollback {namespace}`, or mend your own file and `hitagi sideload` it.",
  ],
  PLUGIN_CALLS_CRASHED: [
    429,
    "Calls of {caller} ended the process of {namespace} {count} times within {minutes} minutes; last: {reason}",
    "Wait {minutes} minutes, then use other arguments or archives. If {namespace} fails for others too, roll it back with `hitagi rollback {namespace}`.",
  ],
  PLUGIN_QUARANTINED: [
    503,
    "{namespace} is quarantined: {reason}",
    "{remedy} `hitagi info {namespace}` shows more.",
  ],
  PLUGIN_BROKEN: [
    503,
    "{namespace} cannot run: {reason}",
    "Compare it with its record with `hitagi verify`. Then roll it back with `hitagi rollback {namespace}`, or install it again.",
  ],
  CAPABILITY_DENIED: [
    403,
    "The plugin may not {action}: {reason}",
    "The plugin must declare the permission, and the server's owner must grant it with `hitagi grant`. For downloads from the local network, the server's owner sets HITAGI_DOWNLOAD_HOSTS.",
  ],
  CAPABILITY_LIMIT: [
    429,
    "The plugin exceeded a limit: {reason}",
    "The plugin must do less at once. The author's guide lists the limits.",
  ],
  CAPABILITY_INVALID: [
    400,
    "The plugin called {capability} with invalid arguments: {reason}",
    "The plugin must be corrected. The author's guide lists the arguments of each call.",
  ],
  CAPABILITY_FAILED: [500, "The host could not do {capability} for the plugin.", "Look at the server's log."],
  REQUEST_FAILED: [
    502,
    "The request to {host} failed: {reason}",
    "Check the address, and that this machine can reach it.",
  ],

  // Library
  ARCHIVE_NOT_FOUND: [404, "Archive {id} doesn't exist.", "List the archives with `hitagi library list`."],
  CATEGORY_NOT_FOUND: [
    400,
    "The given category does not exist.",
    "List the categories with GET /api/categories. {id} is none of them.",
  ],
  CATEGORIES_FULL: [
    409,
    "There are {limit} categories, the most that a library has.",
    "Delete categories that are not needed: DELETE /api/categories/<id>.",
  ],
  CATEGORY_DYNAMIC: [
    400,
    "{id} is a favorite search/dynamic category, can't add archives to it.",
    "Choose a static category, which has no search.",
  ],
  CATEGORY_BUSY: [
    423,
    "Locked resource: {id}.",
    "Others changed this category at the same moment. Send the request again.",
  ],
  BOOKMARK_NOT_FOUND: [
    404,
    "Category does not exist.",
    "List the categories with GET /api/categories. {id} is none of them.",
  ],
  BOOKMARK_DYNAMIC: [
    400,
    "Cannot link bookmark to a dynamic category.",
    "Choose a static category in place of {id}: one without a search.",
  ],
  ARCHIVE_EXISTS: [
    409,
    "This file is already in the library as {id}.",
    "To replace it, delete that archive first.",
  ],
  ARCHIVE_TYPE_UNSUPPORTED: [
    415,
    "{filename} is not a supported archive.",
    "Upload a .cbz, .cbr, .cb7, .cbt, .zip, .rar, .7z, .tar, .tar.gz, .pdf or .epub file.",
  ],
  ARCHIVE_CHECKSUM: [
    417,
    "The file's SHA-1 differs from the announced {expected}.",
    "Upload it again: it was damaged during the transfer.",
  ],
  ARCHIVE_BUSY: [
    423,
    "Archive {id} is being changed by another operation.",
    "Wait for it to end, then try again.",
  ],
  ARCHIVE_BROKEN: [
    422,
    "The archive cannot be read: {reason}",
    "Check the file with a program that opens such archives, and get a good copy.",
  ],
  ARCHIVE_UNREADABLE: [
    422,
    "The archive cannot be read by this server: {reason}",
    "It stays in the library with its id. To read its pages and ComicInfo here, convert it to a .cbz file.",
  ],
  ENTRY_NOT_FOUND: [404, "The archive has no entry {name}.", "List its entries first."],
  SEARCH_EMPTY: [
    404,
    "No archive is found by this search.",
    "Look at the search with `hitagi library list`.",
  ],
  THUMBNAIL_UNAVAILABLE: [
    404,
    "There is no thumbnail of page {page}: {reason}.",
    "Leave out `no_fallback` for a placeholder.",
  ],
  ENTRY_TOO_LARGE: [
    422,
    "The entry {name} is larger than {limit} bytes.",
    "The limit protects the server from zip bombs.",
  ],
  ENTRY_NOT_TEXT: [
    422,
    "The entry {name} is not text in an encoding that is known here.",
    "Save the file as UTF-8, or name its encoding in its XML declaration.",
  ],
  RANGE_INVALID: [
    416,
    "The requested range is outside of the file.",
    "Request a range inside the file, or leave out the Range header to get all of it.",
  ],
  FILE_CHANGED: [
    412,
    "The file changed since the version that the request names.",
    "Fetch it again from the start.",
  ],
  LIBRARY_UNREACHABLE: [
    502,
    "The LANraragi server of the library could not be reached: {reason}.",
    "Check that it runs, that this machine can reach it, and that HITAGI_LIBRARY has its address.",
  ],
  LIBRARY_KEY_REFUSED: [
    502,
    "The LANraragi server of the library requires an API key, or rejected it.",
    "Set HITAGI_LIBRARY_KEY to the API key on its settings page, then restart this server.",
  ],
  LIBRARY_ANSWER: [
    502,
    "The server of the library did not answer like a LANraragi server: {reason}.",
    "Check that HITAGI_LIBRARY is the address of a LANraragi server without a further path. Look at that server's log.",
  ],
  LIBRARY_TEXT_TOO_LONG: [
    422,
    "The LANraragi server does not accept a {field} of {bytes} bytes, because it is sent in the address. The archive was not changed.",
    "Shorten it, or raise the limit of LANraragi (MOJO_MAX_LINE_SIZE) and of the proxy before it (nginx: large_client_header_buffers).",
  ],
  LIBRARY_UPLOAD_TOO_LARGE: [
    413,
    "The LANraragi server of the library does not accept a file as large as {filename}.",
    "Raise its limit, and the limit of the proxy before it (nginx: client_max_body_size).",
  ],
  LIBRARY_FILE_TOO_LARGE: [
    422,
    "The archive is larger than the {limit} MB of the cache for files of the library.",
    "Set HITAGI_LIBRARY_CACHE to more than the size of the largest archive, then restart this server.",
  ],
  LIBRARY_MISSING: [
    503,
    "The library folder does not exist, or its disk is not mounted.",
    "Mount the disk, or make the folder that HITAGI_LIBRARY names, then restart the server. It makes only its own default folder.",
  ],
  LIBRARY_INCOMING_TAKEN: [
    500,
    "The library cannot take in files, because {folder} in its folder is a link or a file, and uploads need a folder there.",
    "Remove it. The server makes a folder in its place.",
  ],
  NO_DOWNLOADER: [
    400,
    "No download plugin accepts the address {url}.",
    "Install a download plugin for this site.",
  ],
  NO_ADDRESS_READER: [
    400,
    "No metadata plugin reads the address {url}.",
    "Plugins by site: {readers}. Install one for this site, or name a plugin: `hitagi run <plugin> --url <address> --archive <archive>`.",
  ],

  // Jobs, store, start
  JOB_NOT_FOUND: [404, "Job {id} doesn't exist.", "Jobs are kept for a week after they end."],
  JOB_NOT_ENDED: [409, "Job {id} has not ended.", "Wait for it, or cancel it with `hitagi job cancel {id}`."],
  JOB_INTERRUPTED: [
    500,
    "The server stopped or lost its store while this job ran, and the job is not safe to repeat.",
    "Start it again.",
  ],
  SOME_FAILED: [
    422,
    "{failed} of {total} failed.",
    "`hitagi job show <job>` shows what it did. Of a batch, `hitagi batch report <job> --failed` lists the archives, and with `--retry` runs them again.",
  ],
  BATCH_NOT_FOUND: [404, "Job {id} is not a batch.", "List the jobs with `hitagi job list`."],
  BATCH_RUNNING: [
    423,
    "The batch of job {id} has not ended.",
    "Wait until it ends, or cancel it with `hitagi job cancel {id}`. Then undo it.",
  ],
  NOTHING_ENABLED: [
    409,
    "No metadata plugin is enabled, so there is nothing to run.",
    "Enable one with `hitagi enable <namespace>`, or name one: `hitagi batch run --plugin <namespace>`. `hitagi list --type metadata` shows them.",
  ],
  BATCH_ENDED: [
    409,
    "The batch of job {id} has ended.",
    "`hitagi batch report {id}` shows what it did; `hitagi batch undo {id}` reverts it.",
  ],
  BATCH_NOT_PAUSED: [
    409,
    "The batch of job {id} is not paused.",
    "`hitagi batch report {id}` shows what it does. A plugin that pauses while others go on is called again by itself.",
  ],
  BATCH_NOTHING_FAILED: [
    409,
    "No plugin failed on an archive of batch {id}, so there is nothing to run again.",
    "`hitagi batch report {id}` shows what became of each archive.",
  ],
  PLUGIN_LIMITED: [
    429,
    "The site of {namespace} refuses its requests: {reason}",
    "Wait before you run it again, or ask its site what it allows.",
  ],
  LOGIN_FAILED: [
    401,
    "The login {login} does not work: {reason}",
    "Correct its settings with `hitagi settings {login}`, then let the batch go on: `hitagi batch resume <batch>`.",
  ],
  ARCHIVE_CHANGED_SINCE: [
    409,
    "Its {fields} changed after the batch.",
    "If another batch changed it, undo that batch first, then this one again.",
  ],
  JOB_CANCELLED: [499, "The job was cancelled.", "Start it again if you still want it."],
  DOCUMENT_TOO_LARGE: [
    413,
    "The owner's document {name} would have {bytes} bytes; at most {limit} bytes are stored.",
    "Remove what is not needed from it. Nothing was changed.",
  ],
  DOCUMENT_CHANGED: [
    409,
    "Others changed the owner's document {name} at the same moment.",
    "Read it again, then repeat your change. Nothing was changed.",
  ],
  DOCUMENT_INVALID: [
    500,
    "The owner's document {name} cannot be used: {reason}.",
    "If a newer Hitagi wrote it, install the newer Hitagi again. Otherwise `hitagi doctor` says how to remove it.",
  ],
  SCHEDULE_NOT_FOUND: [
    404,
    "Schedule {id} doesn't exist.",
    "List the schedules with `hitagi schedule list`.",
  ],
  SCHEDULE_TIME_INVALID: [
    400,
    "{when} is no time for a schedule: {reason}.",
    "Use words such as `every day 03:00`, `every monday and friday 18:30`, `every 15 minutes` or `every month on the 1st at 04:00`, or five cron fields such as `0 3 * * *`.",
  ],
  SCHEDULE_NEEDS_ARCHIVE: [
    400,
    "{namespace} works on an archive, and the schedule names none.",
    'Name one with `--archive`, or run it on all: `hitagi schedule add "every day 03:00" batch --plugin {namespace} --all`.',
  ],
  SCHEDULE_NEEDS_ADDRESS: [
    400,
    "{namespace} downloads what is at an address, and the schedule names none.",
    "Name one with `--arg`. New works are found by a script, which `hitagi grant` lets queue their downloads.",
  ],
  SCHEDULE_RUNNING: [
    409,
    "Schedule {id} still runs.",
    "`hitagi schedule show {id}` names its job. Wait until it ends, or cancel it with `hitagi job cancel <job>`.",
  ],
  RECEIVER_NOT_FOUND: [
    404,
    "Receiver {name} doesn't exist.",
    "List the receivers with `hitagi notify list`.",
  ],
  RECEIVER_EXISTS: [
    409,
    "A receiver named {name} already exists.",
    "Choose another name, or change that one with `hitagi notify set {name}`.",
  ],
  RECEIVER_INVALID: [
    400,
    "The receiver cannot be used: {reason}.",
    "See `hitagi notify add --help` for what each kind of receiver needs.",
  ],
  NOTIFICATION_FAILED: [
    502,
    "{name} did not take the message: {reason}.",
    "Check its address and secret, then try `hitagi notify test {name}`.",
  ],
  STORE_LOCKED: [
    503,
    "The database is locked by another program.",
    "Stop the program that holds it, then try again.",
  ],
  STORE_FAILED: [
    500,
    "The store failed: {reason}",
    "Check the data folder's disk and rights. With the server stopped, `hitagi doctor` says whether the store is damaged.",
  ],
  STORE_UNREACHABLE: [
    503,
    "The store cannot be reached: {reason}.",
    "Check that Redis runs and that HITAGI_STORE has its address. A change that was in progress may or may not be done: check before you repeat it.",
  ],
  STORE_REFUSED: [
    500,
    "Redis denied access: {reason}.",
    "Check the user and the password in HITAGI_STORE, and the rights of that user.",
  ],
  STORE_CERTIFICATE: [
    503,
    "The certificate of Redis is not trusted: {reason}.",
    "If it belongs to your own certificate authority, set HITAGI_CA_FILE to that authority's file. Otherwise give Redis another certificate.",
  ],
  STORE_READ_ONLY: [
    503,
    "The store accepts no changes: {reason}.",
    "Set HITAGI_STORE to a Redis that can be written, or repair this one. Nothing was changed.",
  ],
  STORE_FULL: [
    507,
    "The store has no memory left.",
    "Give Redis more memory (maxmemory), or remove data from it. Nothing was changed.",
  ],
  STORE_UNFIT: [
    500,
    "This Redis cannot store Hitagi's data: {reason}.",
    "See docs/redis.md for the required configuration.",
  ],
  STORE_NEWER: [
    500,
    "A newer Hitagi wrote this store (its format is {found}, this one knows {known}).",
    "Install the newer Hitagi again. To stay with this one, restore a backup that it made into another file or database. Nothing was changed.",
  ],
  STORE_UNFINISHED: [
    500,
    "This store is incomplete: a copy or a restore into it was interrupted.",
    "Run the same `hitagi store copy` or `hitagi restore` again to resume it. `hitagi store copy --again` starts over.",
  ],
  STORE_NOT_THERE: [
    404,
    "The first address has no Hitagi store to copy from.",
    "Give the existing store first and the new one second: `hitagi store copy <from> <to>`. The first is an existing file, or the database of a Redis that a server has used.",
  ],
  STORE_NOT_EMPTY: [
    409,
    "The target store already contains data ({first}).",
    "Choose a new file, or an empty Redis database. If this is the copy that you made before, it is complete, and servers may use it. Nothing was changed.",
  ],
  STORE_COPY_OTHER: [
    409,
    "The target store contains an unfinished copy of another store.",
    "Copy from the same store as before to resume it, or use --again to remove the unfinished copy first.",
  ],
  STORE_IN_USE: [
    409,
    "Servers use this Redis database, or used it some seconds ago (on {hosts}).",
    "Stop all of them, then try again. A killed server counts as stopped after six seconds.",
  ],
  STORE_COPY_BUSY: [
    423,
    "Another copy from or into this Redis database is running, or ran some seconds ago.",
    "Wait until it ends, then try again. A killed copy counts as ended after ten seconds.",
  ],
  STORE_COPY_NO_BYTES: [
    400,
    "The data folder contains none of the {count} kept versions.",
    "Set the server's data folder with --data. If the files are lost, --without-bytes copies the rest. Nothing was changed.",
  ],
  STORE_COPY_SELF: [
    400,
    "Both addresses are of the same store.",
    "Give the existing store first, then a different one.",
  ],
  STORE_COPY_DIFFERS: [
    500,
    "The copy differs from its source: {kinds}.",
    "Another program changed one of the two stores during the copy. Stop every server on them, then run the same command again.",
  ],
  ARTIFACTS_UNREACHABLE: [
    503,
    "The shared artifact storage could not be reached: {reason}.",
    "Installed plugins keep working. Check HITAGI_ARTIFACTS, then repeat the operation. Nothing was changed.",
  ],
  ARTIFACTS_UNUSABLE: [
    500,
    "The shared artifact storage cannot be used: {reason}.",
    "Check HITAGI_ARTIFACTS and, for a bucket, the HITAGI_S3_… settings. `hitagi doctor` tests them. See docs/redis.md.",
  ],
  LOCK_LOST: [
    409,
    "The server was blocked for so long that it lost its lock on {what}. Nothing was changed.",
    "Check the current state, then repeat the operation.",
  ],
  DATA_IN_USE: [
    500,
    "Another Hitagi server (process {pid}) already uses this {what}.",
    "Stop that server, or give this one another {what} with {flag}.",
  ],
  LIBRARY_OF_OTHERS: [
    500,
    "Servers on another store use this library folder.",
    "Give this server the same store (HITAGI_STORE), or another library with --library. Two stores on one library would undo each other's changes.",
  ],
  LIBRARY_DIFFERS: [
    500,
    "The servers on this store use another library folder.",
    "Set HITAGI_LIBRARY to the folder that they share. A server with another folder would mark their archives as missing. To move the library, stop all servers first. A killed server counts as stopped after six seconds.",
  ],
  BACKUP_BUSY: [423, "Another backup is running.", "Wait until it ends, then try again."],
  BACKUP_INVALID: [
    422,
    "This backup cannot be used: {reason}",
    "Nothing was changed. Use another backup. `hitagi backup --check <file>` checks one.",
  ],
  RESTORE_BUSY: [
    423,
    "Another backup is being received, or a restore is being put in place.",
    "Wait until it ends, then try again.",
  ],
  NO_WAITING_RESTORE: [
    404,
    "No backup was sent to this server.",
    "Send one first: on the page, Server, Backup. On the server's machine, `hitagi restore <file>` restores one while the server is stopped.",
  ],
  RESTORE_INTERRUPTED: [
    500,
    "The server ended {times} times while it put this backup in place.",
    "Look at its log, and at its memory and disk. Nothing was changed. Confirm the restore again, or cancel it.",
  ],
  RESTORE_NOT_EMPTY: [
    409,
    "The folder already contains a server's data ({first}).",
    "Repeat with --force. The existing data is set aside, and `hitagi restore --undo` puts it back, unless its database is damaged.",
  ],
  RESTORE_OTHER_PLACES: [
    409,
    "The data that was set aside includes a folder {name}, and the current configuration uses another folder for it that contains files.",
    "Use the folders that the server had then, with --library, --plugins and --store. Nothing was changed.",
  ],
  RESTORE_OTHER_STORE: [
    409,
    "The data that was set aside belongs to a store in Redis, and the current store is a file.",
    "Set HITAGI_STORE or --store as it was for the restore. Nothing was changed.",
  ],
  RESTORE_UNDO_DAMAGED: [
    409,
    "The data that was set aside cannot be put back, because its database is damaged: {reason}.",
    "Its files are in {folder}. Keep the restored data, or restore another backup; `hitagi restore --discard` deletes what was set aside. Nothing was changed.",
  ],
  NOTHING_SET_ASIDE: [
    404,
    "There is no restore to undo here.",
    "Give the server's folders with --data or HITAGI_DATA.",
  ],
  CONFIG_INVALID: [
    500,
    "The setting {name} is not valid: {reason}",
    "See docs/configuration.md for the allowed values.",
  ],
  PORT_IN_USE: [
    500,
    "The address {address} is already in use.",
    "Choose another port with --port, or stop the program that uses this one.",
  ],
  SERVER_UNPROVEN: [
    401,
    "The API key was not sent to {url}: {reason}.",
    "Check the address and the key, because another program may use the port. For a server of an older version, use --unproven.",
  ],
  SERVER_UNREACHABLE: [
    503,
    "No Hitagi server answers at {url}.",
    "Start one with `hitagi serve`, or give another address with --server.",
  ],
} as const satisfies Record<string, readonly [status: number, message: string, hint: string]>;
