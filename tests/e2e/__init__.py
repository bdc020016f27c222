"""The whole server from outside: a real process, real sockets."""
