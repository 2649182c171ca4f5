/*
 * Many listeners to the events of one instance.
 *
 * usage: listen -l LISTENERS [-n CHANGES] [-b BATCH] GUEST HOST INSTANCE
 *
 * LISTENERS WebSockets are opened at the socket GUEST, 32 at a time.  A line is printed
 * then, the seconds that took, and it waits for a line of input.  Then the instance is
 * changed CHANGES times at the socket HOST, BATCH at a time over as many connections,
 * the next ones when each listener has had the events of the last.  For each such turn
 * a line is printed: the microseconds from the sending of the changes to the first
 * answer, the last answer, the first event, the last event.  It waits for a line of
 * input once more before it ends.
 *
 * Pings are answered.  It fails when anything is not as it should be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define AT_A_TIME 32
#define TEXT 0x81
#define PING 0x89

struct listener {
    int fd;
    int open;
    int frames; /* of text, that were heard */
    long skip;  /* bytes of a frame that are still to come */
    unsigned char begun[16]; /* a head of a frame, as far as it is there */
    int length;
};

static const char OPENING[] =
    "GET /1.0/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char PONG[] = {(char)0x8a, (char)0x80, 0, 0, 0, 0};

static int poller;
static long heard, answered;
static uint64_t first_heard;
static char buffer[1 << 16];

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

static int dial(const char *path, void *which)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = which};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    while (connect(fd, (void *)&address, sizeof address) < 0) {
        if (errno != EAGAIN) /* the backlog is full */
            fail("connect");
        usleep(50);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
        fail("epoll_ctl");
    return fd;
}

static void send_all(int fd, const char *data, size_t size)
{
    if (write(fd, data, size) != (ssize_t)size)
        fail("write");
}

/* How long the head of a frame is and what it has; 0 while it is not there. */
static int head_of(struct listener *l, long *size)
{
    unsigned char *b = l->begun;
    if (l->length < 2)
        return 0;
    int length = b[1] < 126 ? 2 : b[1] == 126 ? 4 : 10;
    if (l->length < length)
        return 0;
    *size = b[1] < 126 ? b[1] : 0;
    for (int i = 2; i < length; i++)
        *size = *size << 8 | b[i];
    return length;
}

static void take(struct listener *l, char *data, long size)
{
    while (size > 0) {
        long length;
        if (l->skip) {
            long step = l->skip < size ? l->skip : size;
            l->skip -= step, data += step, size -= step;
            continue;
        }
        l->begun[l->length++] = *data++, size--;
        if (!head_of(l, &length))
            continue;
        l->skip = length;
        l->length = 0;
        if (l->begun[0] == PING) {
            send_all(l->fd, PONG, sizeof PONG);
        } else if (l->begun[0] == TEXT) {
            l->frames++;
            if (!heard++)
                first_heard = now();
        } else {
            fprintf(stderr, "a frame of another kind: %x\n", l->begun[0]);
            exit(1);
        }
    }
}

static void read_listener(struct listener *l)
{
    ssize_t size = read(l->fd, buffer, sizeof buffer - 1);
    if (size <= 0)
        fail("a listener is closed");
    char *data = buffer;
    if (!l->open) {
        buffer[size] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (strncmp(buffer, "HTTP/1.1 101", 12) || !end) {
            fprintf(stderr, "no WebSocket: %s\n", buffer);
            exit(1);
        }
        l->open = 1;
        data = end + 4;
    }
    take(l, data, buffer + size - data);
}

static void read_answer(int fd)
{
    ssize_t size = read(fd, buffer, sizeof buffer - 1);
    buffer[size > 0 ? size : 0] = 0;
    if (strncmp(buffer, "HTTP/1.1 200", 12)) {
        fprintf(stderr, "no change: %s\n", buffer);
        exit(1);
    }
    answered++;
}

int main(int argc, char **argv)
{
    int option, count = 1, changes = 10, batch = 1, opened = 0, open = 0;
    struct rlimit files;
    struct epoll_event events[512];
    while ((option = getopt(argc, argv, "l:n:b:")) != -1) {
        int *value = option == 'l' ? &count : option == 'n' ? &changes : &batch;
        *value = atoi(optarg);
    }
    if (argc - optind != 3 || batch < 1)
        return 2;
    const char *guest = argv[optind], *host = argv[optind + 1];
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct listener *all = calloc(count, sizeof *all);
    int *hosts = calloc(batch, sizeof *hosts);

    uint64_t begun = now();
    while (open < count) {
        while (opened < count && opened - open < AT_A_TIME) {
            all[opened].fd = dial(guest, &all[opened]);
            send_all(all[opened++].fd, OPENING, sizeof OPENING - 1);
        }
        int n = epoll_wait(poller, events, 512, 30000);
        if (n <= 0)
            fail("nothing comes");
        for (int i = 0; i < n; i++) {
            struct listener *l = events[i].data.ptr;
            int before = l->open;
            read_listener(l);
            open += l->open - before;
        }
    }
    printf("%.6f\n", (now() - begun) / 1e9);
    fflush(stdout);
    for (int i = 0; i < batch; i++)
        hosts[i] = dial(host, &hosts[i]);
    getchar();

    long total = (long)count * batch;
    for (int number = 0; number < changes; number += batch) {
        heard = answered = 0;
        uint64_t sent = now(), answer = 0, last_answer = 0, last = 0;
        for (int i = 0; i < batch; i++) {
            char body[200], text[1000];
            int size = sprintf(body, "{\"config\":{\"user.k\":\"%d-%d\"}}",
                               (int)getpid(), number + i);
            int length = snprintf(text, sizeof text,
                                  "PATCH /1.0/instances/%s HTTP/1.1\r\nHost: x\r\n"
                                  "Content-Type: application/json\r\n"
                                  "Content-Length: %d\r\n\r\n%s",
                                  argv[optind + 2], size, body);
            send_all(hosts[i], text, length);
        }
        while (heard < total || answered < batch) {
            int n = epoll_wait(poller, events, 512, 30000);
            if (n <= 0)
                fail("nothing comes");
            for (int i = 0; i < n; i++) {
                int *which = events[i].data.ptr;
                if (which >= hosts && which < hosts + batch) {
                    read_answer(*which);
                    last_answer = now();
                    if (!answer)
                        answer = last_answer;
                } else {
                    long before = heard;
                    read_listener(events[i].data.ptr);
                    if (heard > before)
                        last = now();
                }
            }
        }
        printf("%.1f %.1f %.1f %.1f\n", (answer - sent) / 1e3,
               (last_answer - sent) / 1e3,
               count ? (first_heard - sent) / 1e3 : 0.0, count ? (last - sent) / 1e3 : 0.0);
        fflush(stdout);
    }
    getchar();
    return 0;
}
