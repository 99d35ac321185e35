// A client in the main loop of GLib, as a GTK program has it: handlers are called from that loop, on its thread.
//
//   example-glib_loop [session]
#include <glib-unix.h>
#include <glib.h>

#include <cstdio>
#include <loophole/aura.hpp>

using namespace std::chrono_literals;
namespace lp = loophole;

namespace {

struct Window {
  lp::aura::Client aura;
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
};

gboolean on_readable(gint, GIOCondition, gpointer user_data) {
  auto* window = static_cast<Window*>(user_data);
  if (window->aura.poll(0ms)) return G_SOURCE_CONTINUE;
  std::printf("over: %s\n", window->aura.close_reason()->message.c_str());
  g_main_loop_quit(window->loop);
  return G_SOURCE_REMOVE;
}

gboolean on_quit(gpointer user_data) {
  static_cast<Window*>(user_data)->aura.close();  // poll() tells when that is done
  return G_SOURCE_REMOVE;
}

}  // namespace

int main(int argc, char** argv) {
  Window window{.aura = lp::aura::Client::open({.session = argc > 1 ? argv[1] : "default", .client_id = "example-glib_loop"})};
  std::setvbuf(stdout, nullptr, _IOLBF, 0);

  window.aura.on_connection([](const lp::aura::Connection& connection) {
    std::printf("%s%s%s\n", std::string(to_string(connection.state)).c_str(), connection.reason ? ": " : "",
                connection.reason ? connection.reason->message.c_str() : "");
  });
  window.aura.on_reset([&] { std::printf("%zu tracks\n", window.aura.project() ? window.aura.project()->tracks.size() : 0); });
  window.aura.changes().on_track([](const lp::aura::TrackChange& change) {
    if (change.kind == lp::aura::ChangeKind::added)
      std::printf("%s was added by %s\n", change.after->name.c_str(), change.cause.own ? "this window" : "somebody else");
    if (change.kind == lp::aura::ChangeKind::removed) std::printf("%s was removed\n", change.before->name.c_str());
  });

  g_unix_fd_add(window.aura.fd(), G_IO_IN, on_readable, &window);
  g_unix_signal_add(SIGTERM, on_quit, &window);
  g_main_loop_run(window.loop);
  g_main_loop_unref(window.loop);
  return 0;
}
