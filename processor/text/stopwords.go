package text

import (
	"strings"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/french"
	"github.com/kljensen/snowball/hungarian"
	"github.com/kljensen/snowball/norwegian"
	"github.com/kljensen/snowball/russian"
	"github.com/kljensen/snowball/spanish"
	"github.com/kljensen/snowball/swedish"
)

// Function words of languages that the stemmer's library has no list for, and English ones that its list lacks. Words
// of one or two letters never become keywords and are not listed.
const (
	stopEnglish = `also another because can cannot could didn doesn don even every for from get gets got has have hers
		how however into isn its just like made make makes many may might more most much must new non not now off one
		only other our out over own per same see shall should since some still such than that their them then there
		these they this those though thus too two under until upon use used uses using very via want was wasn way well
		were what when where whether which while who whose why will with within without would yet you your yours`
	stopGerman = `aber alle allem allen aller alles als also andere anderen auch auf aus bei beim bin bis bist dann das
		dass dein dem den der des dessen dich die dies diese diesem diesen dieser dieses doch dort durch ein eine einem
		einen einer eines euch für gegen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre
		ihrem ihren ihrer immer ins ist jede jeder jedes jetzt kann kein keine keinen können könnte machen man mehr
		mein mich mir mit muss müssen nach nicht nichts noch nun nur oben oder ohne schon sehr sein seine seinem seinen
		seiner seit sich sie sind soll sollte sondern sonst über und uns unser unter viel viele vom von vor war waren
		warum was weil weiter wenn wer werden wie wieder will wird wurde wurden zum zur zwar zwei zwischen`
	stopItalian = `agli alla alle allo anche ancora avere che chi ciò col come con contro cui dagli dai dal dalla dalle
		degli dei del della delle dello dopo dove due era erano essere fare fra già gli hai hanno loro mai mentre mia
		molto nei nel nella nelle noi non nostro ogni oppure per perché però più poi prima qual quale quando quanto
		quella quelle quello questa queste questi questo quindi sei sempre senza sia siamo sono sopra sotto stata stato
		sua sue sugli sul sulla suo suoi tra tutti tutto una uno`
	stopPortuguese = `ainda além antes aos após aqui até cada com como contra das dela dele deles depois desde dos ela
		elas ele eles entre era eram essa esse esta estava estar este estes está estão eu foi foram há isso isto já
		lhe mais mas mesmo meu minha muito muitos na nas nem nos nossa nosso não num numa onde ou outra outras outro
		outros para pela pelas pelo pelos per pode pois por porque qual quando que quem sem sempre ser seu seus sobre
		sua suas são também tem ter teve tinha todo todos tudo têm um uma você`
	stopDutch = `aan alle alleen als andere ben bij dan dat deze die dit doen door dus een eens elke geen geweest haar
		had hadden heb hebben heeft hem hen het hier hij hoe hun iets ik is ja je jij jullie kan kon kunnen maar meer
		men met mij mijn moet moeten naar niet niets nog nu of om omdat ons onder onze ook op over te tegen toch toen
		tot uit van veel voor waar want waren was wat wel werd werden wie wij wil worden wordt zal zei zelf zich zij
		zijn zo zonder zou zullen`
)

// stopWords returns the test for function words of a language, in a text of so many words.
func stopWords(language string, words int) func(term) bool {
	if listed := listedStopWords(language); listed != nil {
		return func(t term) bool { return listed(t.text) }
	}
	return func(t term) bool {
		n := utf8.RuneCountInString(t.text)
		if n <= 5 && firstRune(t.text) < 0x3000 && words >= 300 && t.count*100 >= words {
			return true
		}
		return n <= 3 && firstRune(t.text) < 0x530 // Latin, Greek, Cyrillic
	}
}

func listedStopWords(language string) func(string) bool {
	switch language {
	case "en":
		return either(english.IsStopWord, wordSet(stopEnglish))
	case "es":
		return spanish.IsStopWord
	case "fr":
		return french.IsStopWord
	case "ru":
		return russian.IsStopWord
	case "sv":
		return swedish.IsStopWord
	case "nb", "nn", "no":
		return norwegian.IsStopWord
	case "hu":
		return hungarian.IsStopWord
	case "de":
		return wordSet(stopGerman)
	case "it":
		return wordSet(stopItalian)
	case "pt":
		return wordSet(stopPortuguese)
	case "nl":
		return wordSet(stopDutch)
	}
	return nil
}

func wordSet(list string) func(string) bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return func(w string) bool { return set[w] }
}

func either(a, b func(string) bool) func(string) bool {
	return func(w string) bool { return a(w) || b(w) }
}
