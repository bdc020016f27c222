/*
 * The floor: what fan-out costs in C when nothing is stored, nobody is asked who they are, and no line is looked into.
 *
 * One rule: whatever whole lines one read brings go to every connection with one send() each. Prints its port on standard output.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, EVENTS = 512, MOST = 65536 };

struct connection {
    int fd;
    int place; /* in everyone */
    char *partial; /* the beginning of a line that has not ended */
    size_t partial_length;
    char *unsent; /* what the socket did not take */
    size_t unsent_length;
};

static struct connection *everyone[MOST];
static int count;
static int epoll;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct connection *one, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = one};
    if (epoll_ctl(epoll, operation, one->fd, &event) < 0) die("epoll_ctl");
}

static void forget(struct connection *one) {
    everyone[one->place] = everyone[--count];
    everyone[one->place]->place = one->place;
    close(one->fd);
    free(one->partial);
    free(one->unsent);
    free(one);
}

static void append(char **to, size_t *length, const char *data, size_t more) {
    if (more == 0) return;
    *to = realloc(*to, *length + more);
    if (*to == NULL) die("realloc");
    memcpy(*to + *length, data, more);
    *length += more;
}

static void give(struct connection *one, const char *data, size_t length) {
    ssize_t sent = 0;
    if (one->unsent_length == 0) {
        sent = send(one->fd, data, length, MSG_NOSIGNAL);
        if (sent < 0) sent = 0; /* full or gone: epoll says which */
        if ((size_t)sent < length) watch(one, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    if ((size_t)sent < length) append(&one->unsent, &one->unsent_length, data + sent, length - (size_t)sent);
}

static void give_rest(struct connection *one) {
    ssize_t sent = send(one->fd, one->unsent, one->unsent_length, MSG_NOSIGNAL);
    if (sent <= 0) return;
    one->unsent_length -= (size_t)sent;
    memmove(one->unsent, one->unsent + sent, one->unsent_length);
    if (one->unsent_length == 0) watch(one, EPOLL_CTL_MOD, EPOLLIN);
}

static void spread(const char *data, size_t length) {
    for (int i = 0; i < count; i++) give(everyone[i], data, length);
}

/* False if the connection has ended. */
static int take(struct connection *one) {
    static char buffer[BUFFER];
    ssize_t got = recv(one->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return 1;
    if (got <= 0) return 0;
    char *end = memrchr(buffer, '\n', (size_t)got);
    size_t whole = end == NULL ? 0 : (size_t)(end + 1 - buffer);
    if (whole > 0 && one->partial_length > 0) {
        append(&one->partial, &one->partial_length, buffer, whole);
        spread(one->partial, one->partial_length);
        one->partial_length = 0;
    } else if (whole > 0) {
        spread(buffer, whole);
    }
    append(&one->partial, &one->partial_length, buffer + whole, (size_t)got - whole);
    return 1;
}

static void welcome(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (count == MOST) {
        close(fd);
        return;
    }
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct connection *one = calloc(1, sizeof *one);
    if (one == NULL) die("calloc");
    one->fd = fd;
    one->place = count;
    everyone[count++] = one;
    watch(one, EPOLL_CTL_ADD, EPOLLIN);
    give(one, "welcome\n", 8);
}

static int listen_somewhere(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 2048) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(void) {
    static struct epoll_event events[EVENTS];
    epoll = epoll_create1(0);
    int listener = listen_somewhere();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *one = events[i].data.ptr;
            if (one == NULL) {
                welcome(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT) give_rest(one);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !take(one)) forget(one);
        }
    }
}
