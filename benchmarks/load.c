/*
 * A load generator for HTTP/1.1 on UNIX sockets.
 *
 * usage: load [-c CONNECTIONS] [-n REQUESTS] [-N] SOCKET PATH
 *   -N   a connection for each request, with "Connection: close"
 *
 * Each connection has one request under way: the next is sent when the answer to the
 * last is there.  It prints requests a second, and the microseconds that half and that
 * 99 of 100 requests took at most, from send (with -N: from connect) to the last byte.
 * It fails when an answer is not 200.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int fd;
    uint64_t begun;    /* ns */
    size_t length;     /* of what is in the buffer */
    long missing;      /* bytes of the body; -1 while the head is not there */
    int chunked;
    char buffer[65536];
};

static struct sockaddr_un address;
static char request[4096];
static int anew, poller;
static long total = 10000, started, done;
static uint64_t *times;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char *why)
{
    perror(why);
    exit(1);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void dial(struct connection *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (connect(c->fd, (void *)&address, sizeof address) < 0) {
        if (errno != EAGAIN) /* the backlog is full */
            fail("connect");
        usleep(50);
    }
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event) < 0)
        fail("epoll_ctl");
}

static void start(struct connection *c)
{
    size_t length = strlen(request);
    started++;
    c->begun = now();
    c->length = 0;
    c->missing = -1;
    c->chunked = 0;
    if (c->fd < 0)
        dial(c);
    if (send(c->fd, request, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("send");
}

static void finish(struct connection *c)
{
    times[done++] = now() - c->begun;
    if (anew) {
        close(c->fd);
        c->fd = -1;
    }
    if (started < total)
        start(c);
}

/* Take the head from the buffer, if it is there. */
static void head(struct connection *c)
{
    char *end, *length;
    c->buffer[c->length] = 0;
    end = strstr(c->buffer, "\r\n\r\n");
    if (!end)
        return;
    *end = 0;
    if (strncmp(c->buffer, "HTTP/1.1 200 ", 13)) {
        fprintf(stderr, "answered: %s\n", c->buffer);
        exit(1);
    }
    length = strcasestr(c->buffer, "\r\nContent-Length:");
    c->chunked = !length;
    c->missing = length ? atol(length + 17) : 0;
    c->length -= end + 4 - c->buffer;
    memmove(c->buffer, end + 4, c->length);
}

static void take(struct connection *c)
{
    ssize_t n = recv(c->fd, c->buffer + c->length, sizeof c->buffer - 1 - c->length, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        fail("recv");
    c->length += n;
    if (c->missing < 0)
        head(c);
    if (c->missing < 0)
        return;
    if (c->chunked ? c->length >= 5 && !memcmp(c->buffer + c->length - 5, "0\r\n\r\n", 5)
                   : (long)c->length >= c->missing)
        finish(c);
}

int main(int argc, char **argv)
{
    int option, count = 1;
    struct epoll_event events[256];
    struct connection *connections;
    uint64_t begun;

    while ((option = getopt(argc, argv, "c:n:N")) != -1) {
        if (option == 'c')
            count = atoi(optarg);
        else if (option == 'n')
            total = atol(optarg);
        else if (option == 'N')
            anew = 1;
        else
            return 2;
    }
    if (argc - optind != 2 || count < 1 || total < count)
        return 2;
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, argv[optind], sizeof address.sun_path - 1);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: lxd\r\n%s\r\n",
             argv[optind + 1], anew ? "Connection: close\r\n" : "");
    times = malloc(total * sizeof *times);
    connections = calloc(count, sizeof *connections);
    poller = epoll_create1(EPOLL_CLOEXEC);

    begun = now();
    for (int i = 0; i < count; i++) {
        connections[i].fd = -1;
        start(&connections[i]);
    }
    while (done < total) {
        int ready = epoll_wait(poller, events, 256, 30000);
        if (ready <= 0)
            fail("epoll_wait");
        for (int i = 0; i < ready; i++)
            take(events[i].data.ptr);
    }
    printf("%.0f ", total / ((now() - begun) / 1e9));
    qsort(times, total, sizeof *times, by_size);
    printf("%.1f %.1f\n", times[(total - 1) / 2] / 1e3,
           times[(long)((total - 1) * 0.99)] / 1e3);
    return 0;
}
