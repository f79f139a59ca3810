import { Scorm12API } from "scorm-again/scorm12/min";
import { type Api, offer } from "./scorm";

interface Core {
  entry: string;
  exit?: string;
  session_time?: string;
}

const api = new Scorm12API({ autocommit: false, logLevel: "NONE" });
api.cmi.core.entry = "ab-initio";
api.cmi.core.credit = "credit";
api.cmi.core.student_id = "student";
api.cmi.core.student_name = "Student";
offer(api as unknown as Api, {
  globalName: "API",
  events: { set: "LMSSetValue.cmi.*", commit: "LMSCommit", end: "LMSFinish" },
  resume: (cmi) => {
    const core = cmi.core as Core;
    core.entry = "resume";
    delete core.exit;
    delete core.session_time;
  },
});
