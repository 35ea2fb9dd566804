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
    "This API is protected and the request has no valid key.",
    "Send `Authorization: Bearer <base64 of the API key>`; the key is in the file api-key of the data folder.",
  ],
  TOO_MANY_FAILED_KEYS: [
    429,
    "Too many requests with a wrong key came from this address.",
    "Wait a minute, then use the key in the file api-key of the data folder.",
  ],
  KEY_EXPIRED: [
    401,
    "The key {name} expired at {at}.",
    "Make another with `hitagi key add`, with a key of the scope manage.",
  ],
  SCOPE_NEEDED: [
    403,
    "This call needs a key of the scope {needed}; {name} has the scope {scope}.",
    "Use another key, or make one with `hitagi key add <name> --scope {needed}`.",
  ],
  KEY_EXISTS: [
    409,
    "There is a key {name} already.",
    "Choose another name, or end that one first with `hitagi key revoke {name}`.",
  ],
  KEY_NOT_OWN: [
    409,
    "The server's own key is given by {where}.",
    "Change it there. A server that has it from HITAGI_API_KEY is restarted then; LANraragi's is taken up within 30 seconds.",
  ],
  KEY_ROTATED: [
    409,
    "Another server was just asked for a new key, and all have that one now.",
    "It is in the file api-key of each data folder.",
  ],
  KEY_NOT_FOUND: [404, "There is no key {name}.", "`hitagi key list` shows the keys there are."],
  TOO_MANY_STREAMS: [
    503,
    "{limit} streams of events are open already.",
    "Close one that nobody reads, then try again.",
  ],
  ROUTE_NOT_FOUND: [404, "There is no such call: {method} {path}", "See /api/docs for the calls there are."],
  UNSUPPORTED_MEDIA_TYPE: [
    415,
    "This call does not take a body of type {type}.",
    "Send {wanted}, and say so in the Content-Type header.",
  ],
  REQUEST_TIMEOUT: [
    408,
    "The body of the request did not arrive within {seconds} s.",
    "Check the connection, then send it again.",
  ],
  HEADERS_TOO_LARGE: [
    431,
    "The address and header lines of the request are larger than {limit} bytes.",
    "Send a shorter address and fewer headers; tags and summaries of an upload belong in its form.",
  ],
  PAYLOAD_TOO_LARGE: [413, "The request is larger than {limit} bytes.", "Send a smaller file."],
  INTERNAL: [
    500,
    "Something went wrong inside the server (request {requestId}).",
    "Look for this request id in the server's log, and report it if it happens again.",
  ],
  STOPPING: [503, "The server is stopping.", "Try again when it is back."],

  // Registries
  REGISTRY_NOT_FOUND: [404, "Registry {id} doesn't exist.", "List registries with `hitagi registry list`."],
  REGISTRY_FIELDS_INVALID: [
    400,
    "The {provider} registry is not valid: {reason}",
    "Forges take name, url (https) and ref; git takes name, url (https or ssh) and ref; cdn takes name and url (http or https); local takes name and path (an absolute folder). `hitagi registry test <address>` finds out which it is.",
  ],
  ADDRESS_UNKNOWN: [
    400,
    "This is not the address of a registry: {reason}.",
    "Give the address of a repository, of a folder in one, or of a web folder that registry.json is in, or an absolute folder of the server's machine.",
  ],
  REGISTRY_BUSY: [
    423,
    "An operation on registry {id} is already in progress.",
    "Wait for it to end, then try again.",
  ],
  REGISTRY_NOT_REFRESHED: [
    409,
    "No registry index cached for {id}.",
    "Refresh it first: `hitagi registry refresh {id}`.",
  ],

  // Sources
  SOURCE_UNREACHABLE: [
    502,
    "The registry's source could not be reached: {reason}",
    "Check the address and that this machine can reach it.",
  ],
  SOURCE_STATUS: [
    502,
    "The registry's source answered {status} for {path}.",
    "Check the address, the path and, for a private registry, its access.",
  ],
  SOURCE_CREDENTIAL_NEEDED: [
    502,
    "The registry's source wants a credential for {path} (it answered {status}).",
    "Give the registry a token with `hitagi registry update <id> --token-stdin`, or an ssh key with --ssh-key; check the address if it should be public.",
  ],
  SOURCE_CREDENTIAL_REFUSED: [
    502,
    "The registry's source does not accept the registry's credential for {path} (it answered {status}).",
    "Check that it has not expired and may read this repository, then set it anew with `hitagi registry update <id> --token-stdin` or --ssh-key.",
  ],
  SOURCE_RATE_LIMITED: [
    502,
    "The registry's source takes no more requests {until}.",
    "Try again then. Most forges allow more requests to a registry that has a token.",
  ],
  SOURCE_CERTIFICATE: [
    502,
    "The registry's source cannot be trusted: {reason}",
    "If the host has a certificate authority of its own, name that authority's file with HITAGI_CA_FILE; else tell the registry's keeper.",
  ],
  SOURCE_REPOSITORY_MISSING: [
    400,
    "There is no repository at the registry's address, or it is private.",
    "Check the address. For a private repository give the registry a credential: `hitagi registry update <id> --token-stdin` or --ssh-key.",
  ],
  SOURCE_REF_MISSING: [
    400,
    "The registry's repository has no branch, tag or commit {ref}.",
    "Name one that it has: `hitagi registry update <id> --ref <ref>`; HEAD is its default branch.",
  ],
  SOURCE_HOST_KEY_CHANGED: [
    502,
    "The registry's host shows another ssh key than before.",
    "Somebody may stand between. Ask its keeper; if the key was really changed, remove the host's line from git/known_hosts in the data folder.",
  ],
  GIT_MISSING: [
    500,
    "The program git is not installed on the server, or cannot be run.",
    "Install git (2.31 or newer), or name it with HITAGI_GIT; registries on forges can do without it.",
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
  SOURCE_PATH_ESCAPES: [
    400,
    "{path} leads out of the registry's folder.",
    "Ask the registry's keeper to use files inside the folder.",
  ],

  // Index and catalog
  INDEX_INVALID: [
    400,
    "registry.json is not valid at {path}: {reason}",
    "Ask the registry's keeper to correct it. Where the fault is under /plugins, `hitagi registry update <id> --lenient` leaves out what is bad and keeps the rest.",
  ],
  PLUGIN_NOT_IN_REGISTRY: [
    404,
    "Plugin {namespace} not found in registry {registry}.",
    "See what it offers with `hitagi search --registry {registry}`.",
  ],
  VERSION_NOT_FOUND: [
    404,
    "Version {version} not found for plugin {namespace}.",
    "`hitagi info {namespace}` lists its versions.",
  ],

  // Install
  PLUGIN_BUSY: [
    423,
    "An operation on plugin {namespace} is already in progress.",
    "Wait for it to end, then try again.",
  ],
  NAMESPACE_TAKEN: [
    409,
    "{namespace} already exists as a {origin} plugin{where}.",
    "Remove that plugin first, or choose another one; force does not override this.",
  ],
  FILE_TAKEN: [
    409,
    "The file {file} already belongs to the plugin {owner}.",
    "Uninstall {owner} first, or ask the keeper to name the file differently.",
  ],
  OTHER_REGISTRY: [
    409,
    "{namespace} is installed from another registry ({registry}). Use force to replace it.",
    "Repeat the install with `--force` if you trust this registry.",
  ],
  HASH_MISMATCH: [
    422,
    "SHA-256 mismatch for {namespace} {version}: the index says {expected}, the file is {actual}.",
    "Refresh the registry; if it stays so, tell its keeper: the file is not what was published.",
  ],
  ARTIFACT_NAME_INVALID: [
    422,
    "Invalid plugin filename: {file}",
    "Ask the registry's keeper for a name of letters, digits, `-` and `_`, ending in .ts, .js, .mjs or .pm.",
  ],
  RUNTIME_UNAVAILABLE: [
    422,
    "{file} cannot run here: {reason}",
    "Perl plugins (.pm) need a server that was started with `--perl`, and perl with libmojolicious-perl; /healthz says how each runtime is.",
  ],
  PACKAGE_MISMATCH: [
    422,
    "Package mismatch: the file declares {actual}, its place needs {expected}.",
    "Ask the plugin's author to correct the package line.",
  ],
  MANIFEST_MISMATCH: [
    422,
    "The plugin says {field} is {actual}, the registry says {expected}.",
    "Tell the registry's keeper: the index and the plugin disagree.",
  ],
  MANIFEST_INVALID: [
    422,
    "The plugin's manifest is not valid at {path}: {reason}",
    "Ask the plugin's author to correct it.",
  ],
  LOAD_FAILED: [
    422,
    "The plugin failed to load: {reason}",
    "Tell the plugin's author, or install another version.",
  ],
  LOAD_CHECK_FAILED: [
    500,
    "The plugin's load check failed to run: {reason}",
    "Try again; if it stays so, look at the server's log.",
  ],
  PERMISSION_NEEDED: [
    409,
    "{namespace} {version} asks for more than was granted: {permissions}",
    "Look at what it asks for, then accept with `hitagi upgrade {namespace} --grant`.",
  ],
  GRANT_NEEDED: [
    409,
    "{namespace} {version} asks for {permissions}, and nothing is granted here without its owner.",
    "Look at what it asks for, then repeat it with `hitagi install {namespace} --yes`, or with `grant` in the request.",
  ],
  PLUGIN_CHANGED: [
    409,
    "{namespace} was changed by somebody else meanwhile.",
    "Look at it again, then repeat what you wanted.",
  ],
  DISK_FULL: [
    507,
    "The disk has no room for this.",
    "Free some space in the data folder's disk, then try again.",
  ],
  UNDO_FAILED: [
    500,
    "The operation failed ({reason}) and could not be undone; left to clean: {left}",
    "Restart the server: it repairs this at start. If it does not, reinstall the plugin.",
  ],
  PLUGIN_REGISTRY_GONE: [
    409,
    "The registry {registry}, from which {namespace} was installed, is gone.",
    "Add a registry that offers it, then install it from there with `hitagi install {namespace} --force`.",
  ],
  NO_UPDATE: [409, "{namespace} has no newer version.", "Refresh its registry, or name a version."],
  NOTHING_TO_ROLL_BACK: [
    409,
    "No other version of {namespace} is kept.",
    "Install the version that you want from its registry.",
  ],
  VERSION_NOT_KEPT: [
    404,
    "Version {version} of {namespace} is not kept here.",
    "`hitagi list {namespace}` shows the versions kept.",
  ],
  PLUGIN_BYTES_LATE: [
    503,
    "The bytes of {namespace} are still being fetched.",
    "Try again in a while. If it stays so, see whether the place that servers share bytes in (HITAGI_ARTIFACTS) answers.",
  ],
  PLUGIN_BYTES_MISSING: [
    500,
    "The bytes of {namespace} {version} are neither here nor where the servers share them.",
    "Install it again from its registry, or roll it back: `hitagi list {namespace}` shows the versions kept.",
  ],
  PLUGIN_PLACE_INVALID: [
    500,
    "The record of {namespace} says that its file is where no install puts one.",
    "Another program wrote that record; uninstall the plugin, then install it again.",
  ],

  // Plugins
  PLUGIN_NOT_FOUND: [404, "Plugin {namespace} doesn't exist.", "`hitagi list` shows the plugins there are."],
  PLUGIN_NOT_OFFERED: [
    404,
    "No registry offers a plugin {namespace}.",
    "See what is offered with `hitagi search`, or refresh the registries with `hitagi registry refresh`.",
  ],
  PLUGIN_NOT_INSTALLED: [
    404,
    "Plugin {namespace} is not installed.",
    "`hitagi list` shows the plugins there are.",
  ],
  PLUGIN_BUILTIN: [
    403,
    "{namespace} is a builtin plugin and cannot be removed or replaced.",
    "Disable it instead.",
  ],
  PLUGIN_NOT_METADATA: [
    400,
    "{namespace} is not a metadata plugin.",
    "Only metadata plugins are enabled, hidden, ordered and run over many archives.",
  ],
  PLUGIN_RECORD_BROKEN: [
    500,
    "The stored record of {namespace} has no type.",
    "Restart the server: the start-up scan heals it.",
  ],
  PLUGIN_FILE_REFUSED: [
    409,
    "{file} is not run as {namespace}: {reason}",
    "Correct or remove that file in the plugins folder, then start the server again.",
  ],
  PERMISSION_NOT_ASKED: [
    400,
    "{namespace} does not ask for {permissions}, so that cannot be granted.",
    "`hitagi info {namespace}` shows what it asks for.",
  ],
  SETTING_UNKNOWN: [
    400,
    "{namespace} has no setting {name}.",
    "See its settings with `hitagi info {namespace}`.",
  ],
  SETTING_INVALID: [
    400,
    "The setting {name} is not a valid {type}.",
    "See its settings with `hitagi info {namespace}`.",
  ],
  PLUGIN_FAILED: [500, "{reason}", "Look at the plugin's log, or tell its author."],
  PLUGIN_TIMEOUT: [
    504,
    "The plugin took longer than {seconds} s and was stopped.",
    "Try again; if it stays so, tell its author.",
  ],
  PLUGIN_CANCELLED: [499, "The call was cancelled.", "Start it again if you still want it."],
  PLUGIN_CRASHED: [
    500,
    "The plugin's process ended unexpectedly: {reason}",
    "Look at the plugin's log; roll it back with `hitagi rollback {namespace}`.",
  ],
  PLUGIN_QUARANTINED: [
    503,
    "{namespace} is quarantined: {reason}",
    "Roll it back with `hitagi rollback {namespace}`, upgrade it, or install the same version again to give it another try.",
  ],
  PLUGIN_BROKEN: [
    503,
    "{namespace} cannot run: {reason}",
    "Compare it with its record by `hitagi verify`, then roll it back with `hitagi rollback {namespace}` or install it again.",
  ],
  CAPABILITY_DENIED: [
    403,
    "The plugin may not {action}: {reason}",
    "Its author must declare the permission, and its owner must grant it.",
  ],
  CAPABILITY_LIMIT: [429, "The plugin went over its limit: {reason}", "Ask its author to do less at once."],
  CAPABILITY_INVALID: [
    400,
    "The plugin asked for {capability} in a way that is not valid: {reason}",
    "Tell the plugin's author; the author's guide lists what each call takes.",
  ],
  CAPABILITY_FAILED: [500, "The host failed to do {capability} for the plugin.", "Look at the server's log."],
  REQUEST_FAILED: [
    502,
    "The plugin's request to {host} failed: {reason}",
    "Check the address and that this machine can reach it.",
  ],

  // Library
  ARCHIVE_NOT_FOUND: [
    404,
    "Archive {id} doesn't exist.",
    "`hitagi library list` shows the archives there are.",
  ],
  ARCHIVE_EXISTS: [
    409,
    "This file is already in the library as {id}.",
    "Delete that archive first if you want to replace it.",
  ],
  ARCHIVE_TYPE_UNSUPPORTED: [415, "{filename} is not a supported archive.", "Upload a .zip or .cbz file."],
  ARCHIVE_CHECKSUM: [
    417,
    "The file's SHA-1 is not the {expected} that was announced.",
    "Upload it again: it was damaged on the way.",
  ],
  ARCHIVE_BUSY: [
    423,
    "Archive {id} is being changed by another operation.",
    "Wait for it to end, then try again.",
  ],
  ARCHIVE_BROKEN: [
    422,
    "The archive cannot be read: {reason}",
    "Check the file with a zip program and upload a good copy.",
  ],
  ENTRY_NOT_FOUND: [404, "The archive has no entry {name}.", "List its entries first."],
  ENTRY_TOO_LARGE: [
    422,
    "The entry {name} is larger than {limit} bytes.",
    "The limit protects the server from zip bombs.",
  ],
  RANGE_INVALID: [
    416,
    "The file has no such part.",
    "Ask for a Range inside of it, or leave the header out to get all.",
  ],
  FILE_CHANGED: [412, "The file is another one than the request names.", "Fetch it anew, from its start."],
  LIBRARY_UNREACHABLE: [
    502,
    "The LANraragi server that the library is on could not be reached: {reason}.",
    "Check that it runs, that this machine can reach it, and its address in HITAGI_LIBRARY.",
  ],
  LIBRARY_KEY_REFUSED: [
    502,
    "The LANraragi server that the library is on does not accept the key, or wants one.",
    "Set HITAGI_LIBRARY_KEY to the API key of its settings page, then start this server again.",
  ],
  LIBRARY_ANSWER: [
    502,
    "The server that the library is on did not answer as LANraragi does: {reason}.",
    "Check that HITAGI_LIBRARY names a LANraragi server with no further path, and look at its log.",
  ],
  LIBRARY_TEXT_TOO_LONG: [
    422,
    "The LANraragi server takes no {field} of {bytes} bytes, for they travel in the address; it was left as it was.",
    "Shorten it, or raise the limit of what stands before it: nginx's large_client_header_buffers, LANraragi's MOJO_MAX_LINE_SIZE.",
  ],
  LIBRARY_UPLOAD_TOO_LARGE: [
    413,
    "The LANraragi server that the library is on takes no file as large as {filename}.",
    "Raise its limit, or that of what stands before it: nginx's client_max_body_size.",
  ],
  LIBRARY_FILE_TOO_LARGE: [
    422,
    "The archive's file is larger than the {limit} MB that are kept of the library's files.",
    "Raise HITAGI_LIBRARY_CACHE above the largest archive, then start this server again.",
  ],
  NO_DOWNLOADER: [
    400,
    "No download plugin takes the address {url}.",
    "Install a download plugin for this site.",
  ],

  // Jobs, store, start
  JOB_NOT_FOUND: [404, "Job {id} doesn't exist.", "Jobs are kept for a week after they end."],
  JOB_INTERRUPTED: [
    500,
    "The server was stopped, or lost its store, while this ran, and it was not safe to repeat.",
    "Start it again.",
  ],
  BATCH_NOT_FOUND: [404, "Job {id} is no batch.", "`hitagi job list` shows the jobs there are."],
  BATCH_RUNNING: [
    423,
    "The batch of job {id} has not ended yet.",
    "Wait for it, or end it with `hitagi job cancel {id}`, then undo it.",
  ],
  JOB_CANCELLED: [499, "The job was cancelled.", "Start it again if you still want it."],
  STORE_LOCKED: [
    503,
    "The database is locked by another program.",
    "Stop the program that holds it, then try again.",
  ],
  STORE_FAILED: [500, "The store failed: {reason}", "Check the data folder's disk and rights."],
  STORE_UNREACHABLE: [
    503,
    "The store cannot be reached: {reason}.",
    "Check that Redis runs and that HITAGI_STORE names it. What was under way may or may not have been done: look before it is asked for again.",
  ],
  STORE_REFUSED: [
    500,
    "Redis does not let Hitagi in: {reason}.",
    "Check the user and the password in HITAGI_STORE, and what that user may do.",
  ],
  STORE_CERTIFICATE: [
    503,
    "Redis cannot be trusted: {reason}.",
    "If its certificate is of an authority of your own, name that authority's file with HITAGI_CA_FILE; else give Redis another certificate.",
  ],
  STORE_READ_ONLY: [
    503,
    "The store takes no changes: {reason}.",
    "Let HITAGI_STORE name a Redis that can be written, or mend this one; nothing was changed.",
  ],
  STORE_FULL: [
    507,
    "The store has no memory left for this.",
    "Give Redis more (maxmemory), or remove something from it; nothing was changed.",
  ],
  STORE_UNFIT: [
    500,
    "This Redis cannot keep Hitagi's data: {reason}.",
    "See docs/scale.md for how Redis must be set up.",
  ],
  STORE_NEWER: [
    500,
    "A newer Hitagi wrote this store (its format is {found}, this one knows {known}).",
    "Install the newer Hitagi again. To stay with this one, restore a backup that it made into another file or database. Nothing was changed.",
  ],
  STORE_UNFINISHED: [
    500,
    "This store is not whole: a copy or a restore into it was cut off.",
    "Run the same `hitagi store copy` or `hitagi restore` again and it goes on; `hitagi store copy --again` begins anew.",
  ],
  STORE_NOT_THERE: [
    404,
    "There is no store of Hitagi to copy from at the first address.",
    "The store to copy from stands first, the new one second: `hitagi store copy <from> <to>`. Name a file that is there, or the database of a Redis that a server has used.",
  ],
  STORE_NOT_EMPTY: [
    409,
    "The store to copy into holds something already ({first}).",
    "Name a new file, or a database of Redis that is empty. Where it is the copy that you made before, it is whole, and servers may start on it. Nothing was changed.",
  ],
  STORE_COPY_OTHER: [
    409,
    "The store to copy into holds part of a copy of another one.",
    "Copy from the same store as then and it goes on; or repeat with --again, which removes that part first.",
  ],
  STORE_IN_USE: [
    409,
    "Servers are on this Redis database, or were some seconds ago (on {hosts}).",
    "Stop all of them; one that was killed is forgotten after six seconds. Then try again.",
  ],
  STORE_COPY_BUSY: [
    423,
    "Another copy from or into this Redis database is under way, or was some seconds ago.",
    "Wait for it to end, or ten seconds where it was killed, then try again.",
  ],
  STORE_COPY_NO_BYTES: [
    400,
    "The data folder has none of the {count} kept versions.",
    "Name the server's data folder with --data. If their bytes are lost, --without-bytes copies the rest; nothing was changed.",
  ],
  STORE_COPY_SELF: [
    400,
    "Both addresses lead to the same store.",
    "Name the store to copy from first, and then another one.",
  ],
  STORE_COPY_DIFFERS: [
    500,
    "The copy is not the same as what was copied: {kinds}.",
    "Something wrote into one of the two meanwhile. Stop every server on them, then run the same command again.",
  ],
  ARTIFACTS_UNREACHABLE: [
    503,
    "The place where servers share the bytes of plugins cannot be reached: {reason}.",
    "Plugins that are in place go on. Check what HITAGI_ARTIFACTS names, then repeat what you wanted; nothing was changed.",
  ],
  ARTIFACTS_UNUSABLE: [
    500,
    "The place where servers share the bytes of plugins cannot be used: {reason}.",
    "Check HITAGI_ARTIFACTS and, for a bucket, the HITAGI_S3_… settings; `hitagi doctor` tries them. See docs/scale.md.",
  ],
  LOCK_LOST: [
    409,
    "The server was held up for so long that it lost its hold on {what}; nothing was changed.",
    "Look at how it stands now, then repeat what you wanted.",
  ],
  DATA_IN_USE: [
    500,
    "Another Hitagi server (process {pid}) already uses this {what}.",
    "Stop that server, or give this one another {what} with {flag}.",
  ],
  LIBRARY_OF_OTHERS: [
    500,
    "Servers on another store use this library folder.",
    "Give this server the store of those (HITAGI_STORE), or another library with --library: two stores on one would undo each other's changes.",
  ],
  LIBRARY_DIFFERS: [
    500,
    "The servers that run on this store have another library folder.",
    "Let HITAGI_LIBRARY lead to the one folder of all of them: a server with another takes their archives for missing. To move the library, stop every server first; one that was killed is forgotten after six seconds.",
  ],
  BACKUP_BUSY: [423, "Another backup is being made.", "Wait for it to end, then try again."],
  BACKUP_INVALID: [
    422,
    "This backup cannot be used: {reason}",
    "Nothing was changed. Take another backup; one is checked with `hitagi backup --check <file>`.",
  ],
  RESTORE_NOT_EMPTY: [
    409,
    "A server's data is there already ({first}).",
    "Repeat with --force: what is there is set aside, and `hitagi restore --undo` puts it back.",
  ],
  RESTORE_OTHER_PLACES: [
    409,
    "What is to come back holds a folder {name} of its own, and another one with files in it is in use under that name now.",
    "Give the folders that the server had when that was set aside, with --library, --plugins and --store; nothing was changed.",
  ],
  RESTORE_OTHER_STORE: [
    409,
    "What was set aside was on a Redis, and the store here is a file now.",
    "Set HITAGI_STORE, or give --store, as it was for the restore; nothing was changed.",
  ],
  NOTHING_SET_ASIDE: [
    404,
    "No restore has set anything aside here.",
    "Name the server's folders as it has them, with --data or HITAGI_DATA.",
  ],
  CONFIG_INVALID: [
    500,
    "The setting {name} is not valid: {reason}",
    "See docs/configuration.md for what it takes.",
  ],
  PORT_IN_USE: [
    500,
    "The address {address} is already in use.",
    "Choose another port with --port, or stop the program that uses it.",
  ],
  SERVER_UNREACHABLE: [
    503,
    "No Hitagi server answers at {url}.",
    "Start one with `npm start`, or name another with --server.",
  ],
} as const satisfies Record<string, readonly [status: number, message: string, hint: string]>;
