// libwebsockets as an echo server, an echo client, and a client that loops through every case:
// server PORT | client URL | loop BASE_URL [AGENT]
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One message, with the space before its payload that lws_write requires.
struct message {
    struct message *next;
    unsigned char *buffer;
    size_t length;
    int binary;
};

struct session {
    struct message *first; // to be sent, oldest first
    // With permessage-deflate the library continues to read a payload after lws_write, until it requests the next one.
    struct message *sending;
    struct message *arriving;
};

// The result that the client waits for.
static int over;
static long count;
static int counting;

static void drop(struct message *message) {
    if (message) free(message->buffer);
    free(message);
}

static int receive(struct lws *wsi, struct session *session, const void *in, size_t length) {
    struct message *message = session->arriving;
    if (!message) {
        message = calloc(1, sizeof *message);
        if (!message) return -1;
        message->binary = lws_frame_is_binary(wsi);
        session->arriving = message;
    }
    unsigned char *buffer = realloc(message->buffer, LWS_PRE + message->length + length + 1);
    if (!buffer) return -1;
    message->buffer = buffer;
    if (length) memcpy(buffer + LWS_PRE + message->length, in, length);
    message->length += length;
    if (!lws_is_final_fragment(wsi)) return 0;

    session->arriving = NULL;
    if (counting) {
        buffer[LWS_PRE + message->length] = 0;
        count = strtol((char *)buffer + LWS_PRE, NULL, 10);
        drop(message);
        return 0;
    }
    struct message **last = &session->first;
    while (*last) last = &(*last)->next;
    *last = message;
    lws_callback_on_writable(wsi);
    return 0;
}

static int transmit(struct lws *wsi, struct session *session) {
    struct message *message = session->first;
    drop(session->sending);
    session->sending = message;
    if (!message) return 0;
    session->first = message->next;
    int sent = lws_write(wsi, message->buffer + LWS_PRE, message->length,
                         message->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
    int failed = sent < (int)message->length;
    if (session->first) lws_callback_on_writable(wsi);
    return failed ? -1 : 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length) {
    struct session *session = user;
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive(wsi, session, in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return transmit(wsi, session);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fprintf(stderr, "%s\n", in ? (const char *)in : "the connection failed");
        over = 1;
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        over = 1;
        // fall through
    case LWS_CALLBACK_CLOSED:
        while (session->first) {
            struct message *next = session->first->next;
            drop(session->first);
            session->first = next;
        }
        drop(session->arriving);
        drop(session->sending);
        session->arriving = session->sending = NULL;
        return 0;
    default:
        // As in the library's own examples: it answers plain HTTP with 404.
        return lws_callback_http_dummy(wsi, reason, user, in, length);
    }
}

static const struct lws_protocols protocols[] = {
    {"echo", callback, sizeof(struct session), 4096, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
    {NULL, NULL, NULL},
};

static struct lws_context *context_on(int port) {
    const char *deflate = getenv("INTEROP_DEFLATE");
    struct lws_context_creation_info info = {0};
    info.port = port;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
    if (deflate && !strcmp(deflate, "1")) info.extensions = extensions;
    lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
    return lws_create_context(&info);
}

// Echoes over one connection until it ends.
static int echo_at(struct lws_context *context, const char *url) {
    char copy[1024];
    const char *scheme, *host, *path;
    int port;
    snprintf(copy, sizeof copy, "%s", url);
    if (lws_parse_uri(copy, &scheme, &host, &port, &path)) return -1;
    char target[1024], authority[512];
    snprintf(target, sizeof target, "/%s", path);
    snprintf(authority, sizeof authority, "%s:%d", host, port);

    struct lws_client_connect_info info = {0};
    info.context = context;
    info.address = host;
    info.port = port;
    info.path = target;
    info.host = authority;
    info.ietf_version_or_minus_one = -1;
    info.local_protocol_name = "echo";
    over = 0;
    if (!lws_client_connect_via_info(&info)) return -1;
    while (!over && lws_service(context, 0) >= 0) {
    }
    return 0;
}

static void escape(const char *text, char *out, size_t room) {
    size_t used = 0;
    for (; *text && used + 4 < room; text++) {
        unsigned char byte = (unsigned char)*text;
        int plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        used += (size_t)snprintf(out + used, room - used, plain ? "%c" : "%%%02X", byte);
    }
    out[used] = 0;
}

static void walk(struct lws_context *context, const char *base, const char *agent) {
    char url[1024], escaped[256] = "";
    escape(agent, escaped, sizeof escaped);
    counting = 1;
    snprintf(url, sizeof url, "%s/getCaseCount", base);
    echo_at(context, url);
    counting = 0;
    for (long number = 1; number <= count; number++) {
        snprintf(url, sizeof url, "%s/runCase?case=%ld&agent=%s", base, number, escaped);
        echo_at(context, url);
    }
    // The server closes once it has written the reports.
    snprintf(url, sizeof url, "%s/updateReports?agent=%s", base, escaped);
    echo_at(context, url);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: server PORT | client URL | loop BASE_URL [AGENT]\n");
        return 2;
    }
    int serving = !strcmp(argv[1], "server");
    struct lws_context *context = context_on(serving ? atoi(argv[2]) : CONTEXT_PORT_NO_LISTEN);
    if (!context) return 1;
    if (serving) {
        while (lws_service(context, 0) >= 0) {
        }
    } else if (!strcmp(argv[1], "client")) {
        echo_at(context, argv[2]);
    } else {
        walk(context, argv[2], argc > 3 ? argv[3] : "libwebsockets");
    }
    lws_context_destroy(context);
    return 0;
}
