#include "connectors/http/server.h"

#include <fmt/core.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <list>
#include <thread>
#include <utility>  // before awaitable.hpp, which needs it

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "connectors/http/session.h"
#include "engine/check.h"
#include "engine/log.h"

namespace nudge::connectors::http {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::chrono::milliseconds kRoomCheck(50), kAcceptPause(1'000);
constexpr int kBacklog = 256;

auto into(error_code& error) { return net::redirect_error(net::use_awaitable, error); }

// Signals are for the threads that wait for them.
template <typename Work>
std::jthread thread_without_signals(Work work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::jthread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

// All but start() and stop() is the thread's.
class Server::Implementation {
 public:
  Implementation(Routes routes, const ServerLimits& limits)
      : routes_(std::move(routes)), limits_(limits), acceptor_(context_), room_(context_), deadline_(context_) {}
  ~Implementation() { stop(); }

  Status start(const config::BindAddress& address) {
    NUDGE_CHECK(address.is_loopback, "a server listens on loopback only");
    address_ = address;
    error_code error;
    const tcp::endpoint endpoint(net::ip::make_address(address.ip, error), address.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (error == net::error::address_in_use)
      return Status::config(
          fmt::format("http.bind: port {} of {} is taken by another program; stop it, or choose another port: "
                      "--set http.bind={}:{}",
                      address.port, address.ip, address.ip, address.port == 65'535 ? 8080 : address.port + 1));
    if (error)
      return Status::config(fmt::format("http.bind: {} cannot be listened on: {}; choose another address or port",
                                        to_string(address), error.message()));
    address_.port = acceptor_.local_endpoint(error).port();
    spawn(accept());
    thread_ = thread_without_signals([this] { context_.run(); });
    return Status::ok();
  }

  void stop() {
    if (!thread_.joinable()) return;
    net::post(context_, [this] { begin_to_stop(); });
    thread_.join();
  }

  const config::BindAddress& address() const { return address_; }

 private:
  void spawn(net::awaitable<void> work) {
    net::co_spawn(context_, std::move(work), [](const std::exception_ptr& failure) {
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const std::exception& error) {
        log::error("the HTTP server failed reason={}", error.what());
      }
    });
  }

  net::awaitable<void> accept() {
    while (!stopping_) {
      co_await make_room();
      if (stopping_) break;
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(into(error));
      if (stopping_) break;
      if (error) {  // such as no file descriptor being left
        log::warn("a connection was not accepted reason={}", error.message());
        co_await wait(kAcceptPause);
        continue;
      }
      socket.set_option(tcp::no_delay(true), error);
      spawn(serve(std::move(socket)));
    }
  }

  net::awaitable<void> serve(tcp::socket socket) {
    const auto session = sessions_.emplace(sessions_.end(), std::move(socket), routes_, limits_);
    // Also where serving throws.
    const std::unique_ptr<Implementation, std::function<void(Implementation*)>> leave(this, [session](auto* server) {
      server->sessions_.erase(session);
      server->room_.cancel();
      if (server->stopping_ && server->sessions_.empty()) server->deadline_.cancel();
    });
    co_await session->serve();
  }

  net::awaitable<void> wait(std::chrono::milliseconds time) {
    error_code ignored;
    room_.expires_after(time);
    co_await room_.async_wait(into(ignored));
  }

  net::awaitable<void> make_room() {
    while (!stopping_ && sessions_.size() >= limits_.connections_max) {
      const auto now = Session::Clock::now();
      Session* longest = nullptr;
      for (Session& session : sessions_)
        if (session.waiting_since() && (!longest || *session.waiting_since() < *longest->waiting_since()))
          longest = &session;
      if (longest && now - *longest->waiting_since() >= limits_.grace) longest->close();
      co_await wait(kRoomCheck);
    }
  }

  void begin_to_stop() {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    room_.cancel();
    for (Session& session : sessions_) session.finish();
    if (sessions_.empty()) return;
    deadline_.expires_after(limits_.stop_time);
    deadline_.async_wait([this](const error_code& error) {
      if (error) return;
      for (Session& session : sessions_) session.close();
    });
  }

  const Routes routes_;
  const ServerLimits limits_;
  config::BindAddress address_;
  net::io_context context_{1};
  tcp::acceptor acceptor_;
  net::steady_timer room_;      // of the accepting coroutine
  net::steady_timer deadline_;  // of stopping
  std::list<Session> sessions_;
  bool stopping_ = false;
  std::jthread thread_;
};

Server::Server(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const config::BindAddress& address, Routes routes,
                                              const ServerLimits& limits) {
  auto implementation = std::make_unique<Implementation>(std::move(routes), limits);
  NUDGE_TRY(implementation->start(address));
  return std::unique_ptr<Server>(new Server(std::move(implementation)));
}

const config::BindAddress& Server::address() const { return implementation_->address(); }
void Server::stop() { implementation_->stop(); }

}  // namespace nudge::connectors::http
