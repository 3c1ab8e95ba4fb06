import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss doctor")
struct DoctorTests {
  @Test("names the kernel set that runs, and it is one this machine supports")
  func report() throws {
    let run = try ToolProcess.run(["doctor", "--json"])
    #expect(run.end == .status(0) || run.end == .status(69), "\(run.error)")
    let report = try JSON(parsing: run.output)
    let chosen = try #require(report["kernels"]?.string)
    let sets = try #require(report["kernel_sets"]?.array)
    let running = sets.first { $0["name"]?.string == chosen }
    #expect(running?["supported"]?.bool == true)
    #expect(try #require(report["threads"]?.int) >= 1)
    #expect(report["libraries"]?["OpenBLAS"]?.string?.isEmpty == false)
    #expect((run.end == .status(0)) == (report["bundled_model"]?.string != nil))
    let text = try ToolProcess.run(["doctor"])
    #expect(text.end == run.end)
    #expect(text.output.contains("Runs on"))
    #expect(text.output.contains(chosen))
  }

  @Test("obeys GLISS_KERNELS, and refuses a name it does not know")
  func kernels() throws {
    let run = try ToolProcess.run(["doctor", "--json"], environment: ["GLISS_KERNELS=scalar"])
    let report = try JSON(parsing: run.output)
    #expect(report["kernels"]?.string == "scalar")
    #expect(report["kernels_reason"]?.string?.contains("GLISS_KERNELS") == true)
    let unknown = try ToolProcess.run(["doctor"], environment: ["GLISS_KERNELS=abacus"])
    #expect(unknown.end == .status(64))
    #expect(unknown.error.contains("abacus"))
    #expect(unknown.error.contains("scalar"))
  }
}
