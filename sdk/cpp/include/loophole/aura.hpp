#pragma once
// Loophole for user interfaces: everything that an Aura needs.
//
//   auto aura  = loophole::aura::Client::connect({.session = "default", .client_id = "my-ui"}).value();
//   auto added = aura.call(loophole::track::Add{.name = "Drums"}).value();   // typed command, typed reply
//   auto g     = aura.begin_gesture(cutoff).value();                         // a lease granted by Pulse
//   for (double hz = 200; hz < 8000; hz *= 1.02) g.set(hz);                  // goes straight to Signal
//   g.finish().value();                                                      // one undo step in Pulse
//   aura.telemetry().on_meters([](const loophole::aura::MetersView& meters) { … });
//   while (aura.poll(16ms)) {}                                               // or aura.fd() in any event loop

#include "loophole/aura/changes.hpp"
#include "loophole/aura/client.hpp"
#include "loophole/aura/connection.hpp"
#include "loophole/aura/curve.hpp"
#include "loophole/aura/gesture.hpp"
#include "loophole/aura/in_process_project_port.hpp"
#include "loophole/aura/ipc_project_port.hpp"
#include "loophole/aura/mirror.hpp"
#include "loophole/aura/pending.hpp"
#include "loophole/aura/project_port.hpp"
#include "loophole/aura/telemetry.hpp"
#include "loophole/session/directory.hpp"
