package io.sparsescope.agent.runtime;

import io.sparsescope.agent.threads.Daemons;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * Registers the agent's bean in the JVM's MBean server, as soon as the application uses ONNX
 * Runtime and there is one. Never creates it: that would cost the application 0.2 s, and it may
 * want one of its own making. A JMX client that connects creates it, and so does who monitors the
 * JVM from within.
 */
final class BeanRegistration {
  private static final long LOOK_EVERY_SECONDS = 1;

  /** What the JVM's own server has, and another one need not have. */
  private static final String OWN_BEAN = "java.lang:type=Runtime";

  private static final long PATIENCE_MILLIS = 2000;

  private final Control control;
  private volatile boolean registered;

  /** Looks for the server; null as long as nobody does. */
  private Thread lookout;

  BeanRegistration(Control control) {
    this.control = control;
  }

  /**
   * Looks for the server from now on, on a thread of ours; not in a runtime without JMX, nor if the
   * bean is registered already.
   */
  synchronized void begin() {
    if (registered
        || lookout != null
        || ModuleLayer.boot().findModule("java.management").isEmpty()) {
      return;
    }
    lookout = Daemons.of("sparsescope-jmx", this::lookOutForServer);
    lookout.start();
  }

  /** Looks for it no longer; a bean that is registered stays, so that it can start the agent. */
  synchronized void end() {
    if (lookout == null) {
      return;
    }
    lookout.interrupt();
    try {
      lookout.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lookout = null;
  }

  private void lookOutForServer() {
    try {
      do {
        TimeUnit.SECONDS.sleep(LOOK_EVERY_SECONDS);
      } while (!control.sawOnnxRuntime() || !register());
    } catch (InterruptedException e) {
      // Somebody wants all threads gone.
    } catch (Throwable t) {
      // The agent goes on without a bean; whoever looks for it sees that it is not there.
      say(t);
    }
  }

  /** Whether there was a server. */
  private boolean register() throws JMException {
    for (MBeanServer server : MBeanServerFactory.findMBeanServer(null)) {
      if (server.isRegistered(new ObjectName(OWN_BEAN))) {
        server.registerMBean(new AgentBean(control), new ObjectName(AgentMXBean.NAME));
        registered = true;
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("SystemOut") // The application's log is not ours to use.
  private static void say(Throwable cause) {
    System.err.println("sparsescope: cannot be reached through JMX: " + cause);
  }
}
