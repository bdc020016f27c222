/*
 * The load: many connections of one process to one server, the same for every server that is measured.
 *
 * One rule: it knows no protocol. It is told which bytes to send and which to wait for. In what it sends three words of eight bytes
 * stand for eight others: @INDEX-@ is the connection's number, @NUMBER@ the message's (both in hex), @VALUE-@ the connection's own line
 * of the file `values`. Arguments are key=value; bytes are in hex, since they may be anything.
 *
 *   host port         where the server is; IPv4
 *   connections       how many; the first `senders` of them send
 *   step=SEND:AWAIT   how a connection opens; as often as there are steps
 *   message mark      what a sender sends, and what shows that it has come. With `numbered=1` the message's number follows the mark:
 *                     then there is one sender, everyone receives, and it is checked that nothing is lost, doubled or out of order
 *   window            messages a sender has under way: the next one goes out when it has seen the mark of an earlier one
 *   rate              or: messages a second, whatever comes back (numbered, to measure how long they take)
 *   warm seconds      how long to send without measuring, and then measuring
 *   ask=SEND:AWAIT    instead of messages: after each line on standard input everyone asks this once
 *   pulse=SEND        what an open connection says every PULSE_SECONDS, as a sign that it is there
 *
 * What was measured goes to standard output, a JSON object a line: first `opened`, the seconds until all connections were open.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    WORD = 8,
    STEPS = 8,
    CARRY = 64,
    BUFFER = 256 * 1024,
    EVENTS = 512,
    OPENING = 64, /* connections that open at a time */
    NUMBERS = 1 << 20, /* messages whose time of sending is kept */
    DRAIN_SECONDS = 20,
    GATHER_NANOSECONDS = 200 * 1000,
    PULSE_SECONDS = 20,
};

struct bytes {
    char *at;
    size_t length;
};

struct pair {
    struct bytes send, await;
};

struct connection {
    int fd;
    unsigned index;
    int step; /* how many steps of the opening are done */
    int writing; /* epoll tells when it can be written to */
    size_t carried;
    char carry[CARRY]; /* the end of what was read: perhaps the beginning of a mark */
    uint32_t expected; /* the number of the next message */
    int credit; /* messages that came back and free a place in the window */
    struct bytes message; /* a sender's own copy */
    struct bytes unsent;
};

static struct {
    const char *host;
    int port;
    unsigned connections, senders;
    struct pair steps[STEPS], ask;
    int step_count, numbered, window;
    double rate, warm, seconds;
    struct bytes message, mark, pulse;
    char (*values)[WORD];
} plan = {.senders = 1};

static enum { OPEN, SEND, DRAIN, ASK } phase = OPEN;
static struct connection *all;
static int epoll;
static unsigned begun, opened, answered;
static uint64_t sent, marks, received_bytes, disordered;
static uint64_t *sent_at; /* nanoseconds, by message number */
static uint32_t *missing; /* receivers that have not got a message yet, by its number */
static float *each, *last; /* microseconds from sending a message to each receipt and to the last one */
static uint64_t each_count, last_count;
static uint64_t now;

static void die(const char *what, const char *which) {
    fprintf(stderr, "load: %s: %s\n", what, which);
    exit(1);
}

static uint64_t clock_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void *some(size_t size) {
    void *memory = calloc(1, size ? size : 1);
    if (memory == NULL) die("memory", strerror(errno));
    return memory;
}

/* --- the plan ---------------------------------------------------------------------------------------------------------- */

static struct bytes from_hex(const char *text, size_t digits) {
    struct bytes made = {some(digits / 2), digits / 2};
    for (size_t i = 0; i < made.length; i++) {
        unsigned value;
        if (sscanf(text + 2 * i, "%2x", &value) != 1) die("not hex", text);
        made.at[i] = (char)value;
    }
    return made;
}

static struct pair pair_of(const char *text) {
    const char *colon = strchr(text, ':');
    if (colon == NULL) die("no colon", text);
    return (struct pair){from_hex(text, (size_t)(colon - text)), from_hex(colon + 1, strlen(colon + 1))};
}

static void read_values(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) die(path, strerror(errno));
    plan.values = some((size_t)plan.connections * WORD);
    char line[64];
    for (unsigned i = 0; i < plan.connections && fgets(line, sizeof line, file); i++) memcpy(plan.values[i], line, WORD);
    fclose(file);
}

static void read_argument(char *argument) {
    char *value = strchr(argument, '=');
    if (value == NULL) die("not key=value", argument);
    *value++ = 0;
    if (!strcmp(argument, "host")) plan.host = value;
    else if (!strcmp(argument, "port")) plan.port = atoi(value);
    else if (!strcmp(argument, "connections")) plan.connections = (unsigned)atoi(value);
    else if (!strcmp(argument, "senders")) plan.senders = (unsigned)atoi(value);
    else if (!strcmp(argument, "window")) plan.window = atoi(value);
    else if (!strcmp(argument, "numbered")) plan.numbered = atoi(value);
    else if (!strcmp(argument, "rate")) plan.rate = atof(value);
    else if (!strcmp(argument, "warm")) plan.warm = atof(value);
    else if (!strcmp(argument, "seconds")) plan.seconds = atof(value);
    else if (!strcmp(argument, "message")) plan.message = from_hex(value, strlen(value));
    else if (!strcmp(argument, "mark")) plan.mark = from_hex(value, strlen(value));
    else if (!strcmp(argument, "pulse")) plan.pulse = from_hex(value, strlen(value));
    else if (!strcmp(argument, "ask")) plan.ask = pair_of(value);
    else if (!strcmp(argument, "values")) read_values(value);
    else if (!strcmp(argument, "step") && plan.step_count < STEPS) plan.steps[plan.step_count++] = pair_of(value);
    else die("unknown argument", argument);
}

static void check_plan(void) {
    if (plan.host == NULL || plan.connections == 0 || plan.senders > plan.connections) die("plan", "host or connections");
    if (plan.numbered && plan.senders != 1) die("plan", "numbered messages have one sender");
    if (plan.rate * (plan.warm + plan.seconds) >= NUMBERS) die("plan", "too many messages to keep their times");
    if (plan.mark.length + WORD > CARRY || plan.ask.await.length > CARRY) die("plan", "mark too long");
    for (int i = 0; i < plan.step_count; i++)
        if (plan.steps[i].await.length > CARRY) die("plan", "step waits for too much");
}

/* --- sending ----------------------------------------------------------------------------------------------------------- */

static void hex_word(char *to, uint32_t value) {
    for (int i = WORD - 1; i >= 0; i--, value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

static uint32_t word_value(const char *from) {
    uint32_t value = 0;
    for (int i = 0; i < WORD; i++) value = value << 4 | (uint32_t)(from[i] <= '9' ? from[i] - '0' : from[i] - 'a' + 10);
    return value;
}

static void replace(struct bytes in, const char *word, const char *by) {
    for (char *at = in.at; (at = memmem(at, in.length - (size_t)(at - in.at), word, WORD)) != NULL; at += WORD) memcpy(at, by, WORD);
}

static struct bytes personal(const struct connection *one, struct bytes template) {
    struct bytes made = {some(template.length), template.length};
    char index[WORD];
    hex_word(index, one->index);
    memcpy(made.at, template.at, template.length);
    replace(made, "@INDEX-@", index);
    if (plan.values != NULL) replace(made, "@VALUE-@", plan.values[one->index]);
    return made;
}

static void watch(struct connection *one, int writing) {
    if (one->writing == writing) return;
    one->writing = writing;
    struct epoll_event event = {.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event);
}

static void give(struct connection *one, const char *data, size_t length) {
    ssize_t taken = 0;
    if (one->unsent.length == 0) {
        taken = send(one->fd, data, length, MSG_NOSIGNAL);
        if (taken < 0 && errno != EAGAIN) die("send", strerror(errno));
        if (taken < 0) taken = 0;
    }
    size_t rest = length - (size_t)taken;
    if (rest == 0) return;
    one->unsent.at = realloc(one->unsent.at, one->unsent.length + rest);
    if (one->unsent.at == NULL) die("memory", strerror(errno));
    memcpy(one->unsent.at + one->unsent.length, data + taken, rest);
    one->unsent.length += rest;
    watch(one, 1);
}

static void give_rest(struct connection *one) {
    struct bytes rest = one->unsent;
    one->unsent = (struct bytes){NULL, 0};
    watch(one, 0);
    if (rest.length > 0) give(one, rest.at, rest.length);
    free(rest.at);
}

static void post(struct connection *one, int count) {
    static char batch[BUFFER];
    size_t length = one->message.length;
    while (count > 0) {
        int fits = 0;
        for (; fits < count && (size_t)(fits + 1) * length <= sizeof batch; fits++) {
            uint32_t number = (uint32_t)sent++;
            char word[WORD];
            hex_word(word, number);
            memcpy(batch + (size_t)fits * length, one->message.at, length);
            replace((struct bytes){batch + (size_t)fits * length, length}, "@NUMBER@", word);
            if (plan.rate > 0) {
                sent_at[number] = clock_now();
                missing[number] = plan.connections;
            }
        }
        give(one, batch, (size_t)fits * length);
        count -= fits;
    }
}

/* --- opening ----------------------------------------------------------------------------------------------------------- */

static void take_steps(struct connection *one);

static void connect_next(void) {
    struct connection *one = &all[begun];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)plan.port)};
    if (inet_pton(AF_INET, plan.host, &address.sin_addr) != 1) die("not an IPv4 address", plan.host);
    one->index = begun++;
    one->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (one->fd < 0 || connect(one->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect", strerror(errno));
    int yes = 1;
    setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event);
    if (one->index < plan.senders) one->message = personal(one, plan.message);
    take_steps(one);
}

/* Sends what the step that comes now sends; a step that waits for nothing is done with that. */
static void take_steps(struct connection *one) {
    while (one->step < plan.step_count) {
        struct pair *step = &plan.steps[one->step];
        if (step->send.length > 0) {
            struct bytes said = personal(one, step->send);
            give(one, said.at, said.length);
            free(said.at);
        }
        if (step->await.length > 0) return;
        one->step++;
    }
    opened++;
}

/* --- receiving --------------------------------------------------------------------------------------------------------- */

static const struct bytes *awaited(const struct connection *one) {
    if (one->step < plan.step_count) return &plan.steps[one->step].await;
    return plan.ask.await.length > 0 ? &plan.ask.await : &plan.mark;
}

static void on_message(struct connection *one, const char *after) {
    marks++;
    if (plan.numbered) {
        uint32_t number = word_value(after);
        if (number != one->expected) disordered++;
        one->expected = number + 1;
        if (plan.rate > 0 && number < sent) {
            each[each_count++] = (float)(now - sent_at[number]) / 1000;
            if (--missing[number] == 0) last[last_count++] = (float)(now - sent_at[number]) / 1000;
        }
    }
    if (one->index < plan.senders) one->credit++;
}

static void on_mark(struct connection *one, const char *after) {
    if (one->step < plan.step_count) {
        one->step++;
        take_steps(one);
    } else if (phase == ASK) {
        answered++;
    } else if (phase != OPEN) {
        on_message(one, after);
    }
}

/* memchr is several times faster than memmem, and the mark of numbered messages begins with a byte that is rare elsewhere. */
static char *find(char *from, const char *end, const struct bytes *mark) {
    if (!plan.numbered || mark != &plan.mark) return memmem(from, (size_t)(end - from), mark->at, mark->length);
    while ((from = memchr(from, mark->at[0], (size_t)(end - from))) != NULL) {
        size_t there = (size_t)(end - from) < mark->length ? (size_t)(end - from) : mark->length;
        if (memcmp(from, mark->at, there) == 0) return there == mark->length ? from : NULL;
        from++;
    }
    return NULL;
}

/* Deals with every mark in these bytes; returns how many at their end may be the beginning of another. */
static size_t scan(struct connection *one, char *from, char *end) {
    for (;;) {
        const struct bytes *mark = awaited(one);
        size_t whole = mark->length + (mark == &plan.mark && plan.numbered ? WORD : 0);
        char *found = find(from, end, mark);
        if (found == NULL) {
            size_t rest = (size_t)(end - from);
            return rest < mark->length - 1 ? rest : mark->length - 1;
        }
        if ((size_t)(end - found) < whole) return (size_t)(end - found);
        on_mark(one, found + mark->length);
        from = found + whole;
    }
}

static void take(struct connection *one) {
    static char buffer[CARRY + BUFFER];
    memcpy(buffer, one->carry, one->carried);
    ssize_t got = recv(one->fd, buffer + one->carried, BUFFER, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("the server closed a connection", got < 0 ? strerror(errno) : "without a word");
    now = clock_now();
    received_bytes += (uint64_t)got;
    char *end = buffer + one->carried + got;
    size_t rest = scan(one, buffer, end);
    one->carried = rest;
    memcpy(one->carry, end - rest, rest);
    if (one->credit > 0) {
        int credit = one->credit;
        one->credit = 0;
        if (phase == SEND && plan.window > 0) post(one, credit);
    }
}

/* One connection after another, so that their signs are spread over the time between two of the same one. */
static void give_pulses(void) {
    static uint64_t began, given;
    if (plan.pulse.length == 0 || begun == 0) return;
    if (began == 0) began = clock_now();
    uint64_t due = (clock_now() - began) / 1000000 * begun / (PULSE_SECONDS * 1000);
    for (; given < due; given++) {
        struct connection *one = &all[given % begun];
        if (one->step == plan.step_count) give(one, plan.pulse.at, plan.pulse.length);
    }
}

static void turn(int milliseconds) {
    static struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, milliseconds);
    for (int i = 0; i < ready; i++) {
        struct connection *one = events[i].data.ptr;
        if (one == NULL) continue; /* the timer or standard input, which whoever waits for it reads */
        if (events[i].events & EPOLLOUT) give_rest(one);
        if (events[i].events & ~(unsigned)EPOLLOUT) take(one);
    }
    give_pulses();
}

/* Messages that come as fast as they go are taken every so often, as network cards gather their interrupts: to be woken for each
 * write of the server would cost the server more than the write. */
static void gather(void) {
    struct timespec pause = {0, GATHER_NANOSECONDS};
    if (plan.window > 0) nanosleep(&pause, NULL);
}

/* --- the run ----------------------------------------------------------------------------------------------------------- */

static void open_all(void) {
    uint64_t start = clock_now();
    while (opened < plan.connections) {
        while (begun < plan.connections && begun - opened < OPENING) connect_next();
        turn(100);
    }
    printf("{\"opened\": %.3f}\n", (double)(clock_now() - start) / 1e9);
    fflush(stdout);
}

static int start_timer(void) {
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    long period = (long)(1e9 / plan.rate);
    struct timespec every = {period / 1000000000, period % 1000000000};
    struct itimerspec when = {every, every};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    timerfd_settime(timer, 0, &when, NULL);
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    return timer;
}

static void post_at_rate(int timer) {
    uint64_t due = 0;
    if (read(timer, &due, sizeof due) == sizeof due) post(&all[0], (int)due);
}

static int upwards(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static void print_times(const char *name, float *times, uint64_t count) {
    if (count == 0) return;
    qsort(times, count, sizeof *times, upwards);
    printf(", \"%s\": {\"median\": %.1f, \"p99\": %.1f}", name, times[count / 2], times[count * 99 / 100]);
}

static void send_messages(void) {
    phase = SEND;
    int timer = plan.rate > 0 ? start_timer() : -1;
    for (unsigned i = 0; i < plan.senders; i++) post(&all[i], plan.window);
    uint64_t start = clock_now(), warm = start + (uint64_t)(plan.warm * 1e9), end = warm + (uint64_t)(plan.seconds * 1e9);
    uint64_t marks_before = 0, bytes_before = 0, measured_from = 0;
    while ((now = clock_now()) < end) {
        if (measured_from == 0 && now >= warm) {
            measured_from = now;
            marks_before = marks;
            bytes_before = received_bytes;
            each_count = last_count = 0;
        }
        turn(10);
        gather();
        if (timer >= 0) post_at_rate(timer);
    }
    double seconds = (double)(now - measured_from) / 1e9;
    uint64_t measured = marks - marks_before, bytes = received_bytes - bytes_before;
    phase = DRAIN;
    uint64_t owed = plan.numbered ? sent * plan.connections : sent;
    for (uint64_t late = clock_now() + (uint64_t)DRAIN_SECONDS * 1000000000u; marks < owed && clock_now() < late;) turn(100);
    printf("{\"sent\": %lu, \"seconds\": %.3f, \"marks\": %lu, \"bytes\": %lu, \"missing\": %ld, \"disordered\": %lu", sent, seconds,
           measured, bytes, (long)(owed - marks), disordered);
    print_times("each", each, each_count);
    print_times("last", last, last_count);
    printf("}\n");
}

static void ask_once(void) {
    uint64_t start = clock_now();
    answered = 0;
    for (unsigned i = 0; i < plan.connections; i++) {
        struct bytes question = personal(&all[i], plan.ask.send);
        give(&all[i], question.at, question.length);
        free(question.at);
    }
    while (answered < plan.connections && clock_now() - start < (uint64_t)DRAIN_SECONDS * 1000000000u) turn(100);
    printf("{\"answered\": %u, \"seconds\": %.3f}\n", answered, (double)(clock_now() - start) / 1e9);
    fflush(stdout);
}

/* Goes on reading meanwhile, so that what the server tells everyone does not wait there. */
static void ask_when_told(void) {
    phase = ASK;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0) die("standard input", "must be a pipe or a terminal");
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    for (;;) {
        char told[64];
        turn(1000);
        ssize_t got = read(STDIN_FILENO, told, sizeof told);
        if (got == 0) return;
        if (got > 0) ask_once();
    }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) read_argument(argv[i]);
    check_plan();
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(0);
    all = some(plan.connections * sizeof *all);
    if (plan.rate > 0) {
        uint64_t messages = (uint64_t)(plan.rate * (plan.warm + plan.seconds)) + 1024;
        sent_at = some(messages * sizeof *sent_at);
        missing = some(messages * sizeof *missing);
        last = some(messages * sizeof *last);
        each = some(messages * plan.connections * sizeof *each);
    }
    open_all();
    if (plan.ask.await.length > 0) ask_when_told();
    else send_messages();
    return 0;
}
