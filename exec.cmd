@rem `npm start` says `exec`, so that signals reach the server and no shell. This is its meaning on Windows.
@%*
