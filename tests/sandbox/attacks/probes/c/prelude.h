/* What every C and C++ probe begins with: it marks its process, says RAN, and tells what came of each attempt.
 *
 * Rule: whatever a probe starts ends by itself within half a minute, also where nothing holds it back.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024L * 1024L)
#define HELPER __attribute__((unused)) static

__attribute__((constructor)) HELPER void begin(void) {
    prctl(PR_SET_NAME, "@MARK@", 0, 0, 0);
    alarm(30);
    if (write(1, "RAN\n", 4) != 4) abort();
}

/* A call that must be refused: what it says, or a breach. */
HELPER long told(const char *what, long result) {
    if (result < 0)
        dprintf(1, "TOLD %s: %s\n", what, strerror(errno));
    else
        dprintf(1, "BREACH %s\n", what);
    return result;
}

/* A harmless call with wrong arguments: any refusal but one of rights means that it would have been allowed. */
HELPER void forbidden(const char *what, long result) {
    if (result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS))
        told(what, result);
    else
        dprintf(1, "BREACH %s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

/* How far a bomb came: a breach from `limit` on. */
HELPER void reached(const char *what, long count, long limit) {
    dprintf(1, "%s %s: %ld\n", count >= limit ? "BREACH" : "TOLD", what, count);
}

HELPER void rest(long milliseconds) {
    struct timespec span = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&span, NULL);
}

/* What a child of a bomb does: it holds what it has for three seconds. */
HELPER void linger(void) {
    alarm(5);
    rest(3000);
    _exit(0);
}

/* Which of two runs this is, where a probe runs twice: the harness says it on standard input. */
HELPER int is_first(void) {
    char role[8] = {0};
    return read(0, role, 7) > 0 && role[0] == 'f';
}

HELPER pid_t canary(void) { return (pid_t)atoi("@CANARY@"); }
