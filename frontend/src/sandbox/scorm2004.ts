import { Scorm2004API } from "scorm-again/scorm2004/min";
import { type Api, offer } from "./scorm";

const api = new Scorm2004API({ autocommit: false, logLevel: "NONE" });
api.cmi.entry = "ab-initio";
api.cmi.learner_id = "student";
api.cmi.learner_name = "Student";
offer(api as unknown as Api, {
  globalName: "API_1484_11",
  events: { set: "SetValue.cmi.*", commit: "Commit", end: "Terminate" },
  resume: (cmi) => {
    cmi.entry = "resume";
    for (const name of ["exit", "session_time"]) delete cmi[name];
  },
});
