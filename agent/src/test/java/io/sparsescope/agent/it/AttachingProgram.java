package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.sun.tools.attach.VirtualMachine;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens a session, attaches {@code -Dagent} if there is one, uses the session again, then does what
 * {@link OrtProgram} does.
 */
public final class AttachingProgram {
  private AttachingProgram() {}

  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession before =
        environment.createSession(Path.of(arguments[0], "tiny.onnx").toString())) {
      use(environment, before);
      attach(System.getProperty("agent"), System.getProperty("options"));
      use(environment, before);
    }
    OrtProgram.main(arguments);
  }

  private static void attach(String agent, String options) throws Exception {
    if (agent != null) {
      VirtualMachine machine = VirtualMachine.attach("" + ProcessHandle.current().pid());
      machine.loadAgent(agent, options);
      machine.detach();
    }
  }

  private static void use(OrtEnvironment environment, OrtSession session) throws Exception {
    try (OnnxTensor input = OnnxTensor.createTensor(environment, new float[1][8]);
        OrtSession.Result result = session.run(Map.of("x", input))) {
      System.out.println(session.getOutputInfo().keySet() + " " + result.size());
    }
  }
}
