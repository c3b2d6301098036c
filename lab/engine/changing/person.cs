// The person in front of a script that asks: what "answers" holds under "confirm", one answer a question. Without such answers nobody is there.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace StandIn
{
    public class Person : PSHost
    {
        readonly Guid id = Guid.NewGuid();
        readonly Screen screen = new Screen();
        public override string Name { get { return "StandIn"; } }
        public override Version Version { get { return new Version(1, 0); } }
        public override Guid InstanceId { get { return id; } }
        public override PSHostUserInterface UI { get { return screen; } }
        public override CultureInfo CurrentCulture { get { return new CultureInfo((string)World.Host["language"]); } }
        public override CultureInfo CurrentUICulture { get { return CurrentCulture; } }
        public override void SetShouldExit(int code) { }
        public override void EnterNestedPrompt() { throw new NotSupportedException(); }
        public override void ExitNestedPrompt() { throw new NotSupportedException(); }
        public override void NotifyBeginApplication() { }
        public override void NotifyEndApplication() { }
    }

    public class Screen : PSHostUserInterface
    {
        int asked;

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int otherwise)
        {
            var answers = (object[])((Hashtable)World.Forest["answers"])["confirm"];
            if (answers == null || asked >= answers.Length) { throw new HostException("The host program or the command type does not support user interaction."); }
            foreach (Hashtable act in ((object[])World.Forest["meanwhile"]).Where(each => (string)((Hashtable)each)["before"] == "answer")) { Do(act); }
            var answer = (string)answers[asked++];
            return choices.ToList().FindIndex(each => each.Label.Replace("&", "") == answer);
        }

        static void Do(Hashtable act)
        {
            var path = ((object[])act["path"]).Cast<string>().ToArray();
            var place = path.Take(path.Length - 1).Aggregate(World.Forest, (found, key) => (Hashtable)found[key]);
            place[path.Last()] = act["value"];
        }

        static HostException Nobody() { return new HostException("The host program or the command type does not support user interaction."); }

        public override PSHostRawUserInterface RawUI { get { return null; } }
        public override string ReadLine() { throw Nobody(); }
        public override SecureString ReadLineAsSecureString() { throw Nobody(); }
        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> fields) { throw Nobody(); }
        public override PSCredential PromptForCredential(string caption, string message, string user, string target) { throw Nobody(); }
        public override PSCredential PromptForCredential(string caption, string message, string user, string target, PSCredentialTypes types, PSCredentialUIOptions options) { throw Nobody(); }
        public override void Write(string text) { }
        public override void Write(ConsoleColor front, ConsoleColor back, string text) { }
        public override void WriteLine(string text) { }
        public override void WriteErrorLine(string text) { }
        public override void WriteDebugLine(string text) { }
        public override void WriteProgress(long source, ProgressRecord record) { }
        public override void WriteVerboseLine(string text) { }
        public override void WriteWarningLine(string text) { }
    }
}
