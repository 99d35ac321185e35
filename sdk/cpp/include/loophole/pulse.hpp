#pragma once
// The role Pulse: owner of the project, hub of the control plane.
//
//   towards Aura     session::Server with role pulse and peers aura: typed commands in, typed answers and events out
//   towards Signal   pulse::EnginePort: typed engine commands out, results and engine events in
//   found by others  session::publish() writes session.json
//   in one process   server->in_process() for an Aura, pulse::InProcessEnginePort for an engine
//
//   net::Context context;
//   net::Loop loop;
//   auto server = session::Server::bind(context, loop, {.endpoint = "ipc:///run/…/project", .software_name = "my-pulse"}).value();
//   server->on<track::Add>([&](session::Server::Request<track::Add> request) { request.answer(add_track(request.command())); });
//   auto engine = pulse::IpcEnginePort::connect(context, loop, {.endpoint = "ipc:///run/…/control", .client_id = "my-pulse"}).value();
//   engine->call(graph::Query{}, [](Result<graph::QueryReply> live) { … });
//   loop.run();
//
// Everything here is [owner-thread]: one thread owns the Loop, the Server and the ports on it.

#include "loophole/core/clock.hpp"
#include "loophole/core/id.hpp"
#include "loophole/core/result.hpp"
#include "loophole/messages/all.hpp"
#include "loophole/pulse/engine_port.hpp"
#include "loophole/pulse/in_process_engine_port.hpp"
#include "loophole/pulse/ipc_engine_port.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/session/server.hpp"
#include "loophole/transport/endpoint.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/wire/graph_digest.hpp"
