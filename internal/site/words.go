package site

import "strings"

// language is the small model that prose is made with: word lists for the slots of sentence patterns.
// The sentences mean nothing; the function words are frequent enough for a language to be recognised.
type language struct {
	code, name                                     string
	det, adj, noun, verb, prep, conj, adv, opening []string
	patterns                                       []string // D det, A adjective, N noun, V verb, P preposition, C conjunction, R adverb, O opening, M made-up name
	contents, previous, next                       string   // words of the navigation
}

var languagePatterns = []string{
	"D A N V P D N", "D N V D A N C V P D N", "O V D N P D N", "D N P D N V R P D A N", "R V D N D A N",
	"D N C D N V P M", "M V D N P D A N C D N", "O D N V D N C R V D N P D N", "D A N P M V R", "D N V R C D A N V P D N P D N",
}

// languages returns the models, English first.
func languages() []language {
	list := []language{english(), german(), french(), spanish(), italian(), dutch()}
	for i := range list {
		list[i].patterns = languagePatterns
	}
	return list
}

func english() language {
	return language{
		code: "en", name: "English", contents: "Contents", previous: "Previous page", next: "Next page",
		det:     strings.Fields("the the the a a this that each every our their its some any no another his her my your"),
		adj:     strings.Fields("old new slow quiet broad narrow bright heavy light early late common rare simple wooden northern local useful empty full deep shallow warm cold strange honest careful patient modern ancient golden silver hidden open public private small large"),
		noun:    strings.Fields("river bridge harbour market library garden engine machine letter number measure worker teacher farmer sailor village mountain valley forest island kitchen window candle bottle basket mirror blanket hammer ladder wagon railway station journey winter summer autumn spring morning evening question answer reason method result story chapter sentence language history science weather shadow colour pattern surface border council street corner tower castle cellar roof field harvest orchard stone iron copper paper"),
		verb:    strings.Fields("carries follows measures describes answers changes opens closes finds keeps leaves makes moves offers orders paints passes reads repairs shows starts stops studies teaches touches turns visits waits watches writes crosses gathers builds counts covers divides explains protects remembers returns was were has had will should could"),
		prep:    strings.Fields("of in to for with on at by from about into through over under between against during without before after near behind beyond along"),
		conj:    strings.Fields("and and but or because while although when if so than that which"),
		adv:     strings.Fields("often never always slowly quickly quietly seldom usually almost perhaps again already together nearly really there here now then"),
		opening: strings.Fields("however there it they we you she he what nobody everybody today yesterday"),
	}
}

func german() language {
	return language{
		code: "de", name: "Deutsch", contents: "Inhalt", previous: "Vorige Seite", next: "Nächste Seite",
		det:     strings.Fields("der der die die das das ein eine dieser diese jeder jede unser ihre sein kein den dem einen einem einer"),
		adj:     strings.Fields("alte neue langsame ruhige breite schmale helle schwere leichte frühe späte seltene einfache nördliche nützliche leere volle tiefe warme kalte fremde ehrliche geduldige verborgene offene kleine große schöne gute lange kurze"),
		noun:    strings.Fields("Fluss Brücke Hafen Markt Bücherei Garten Maschine Brief Zahl Messung Arbeiter Lehrer Bauer Seemann Dorf Berg Tal Wald Insel Küche Fenster Kerze Flasche Korb Spiegel Decke Hammer Leiter Wagen Eisenbahn Bahnhof Reise Winter Sommer Herbst Frühling Morgen Abend Frage Antwort Grund Ergebnis Geschichte Kapitel Satz Sprache Wissenschaft Wetter Schatten Farbe Muster Oberfläche Grenze Straße Ecke Turm Burg Keller Dach Feld Ernte Stein Eisen Kupfer Papier Schlüssel Straßenbahn Wörterbuch"),
		verb:    strings.Fields("trägt folgt misst beschreibt beantwortet ändert öffnet schließt findet behält verlässt macht bewegt bietet ordnet malt liest repariert zeigt beginnt lehrt berührt dreht besucht wartet schreibt überquert sammelt baut zählt bedeckt teilt erklärt schützt erinnert war waren hat hatte wird sollte könnte ist sind"),
		prep:    strings.Fields("von in zu für mit auf an bei aus über durch unter zwischen gegen während ohne vor nach neben hinter entlang"),
		conj:    strings.Fields("und und aber oder weil während obwohl wenn ob sodass dass denn"),
		adv:     strings.Fields("oft nie immer langsam schnell leise selten gewöhnlich fast vielleicht wieder schon zusammen wirklich dort hier jetzt dann nicht auch noch nur"),
		opening: strings.Fields("jedoch dort es sie wir ihr er niemand jeder heute gestern später danach"),
	}
}

func french() language {
	return language{
		code: "fr", name: "Français", contents: "Sommaire", previous: "Page précédente", next: "Page suivante",
		det:     strings.Fields("le le la la les les un une des ce cette chaque notre leur son sa aucun du"),
		adj:     strings.Fields("ancien nouveau lent calme large étroit clair lourd léger précoce tardif rare simple utile vide plein profond chaud froid étrange honnête patient moderne doré caché ouvert public petit grand beau bon long court"),
		noun:    strings.Fields("rivière pont port marché bibliothèque jardin moteur machine lettre nombre mesure ouvrier professeur fermier marin village montagne vallée forêt île cuisine fenêtre bougie bouteille panier miroir couverture marteau échelle chariot gare voyage hiver été automne printemps matin soir question réponse raison méthode résultat histoire chapitre phrase langue science temps ombre couleur motif surface frontière conseil rue coin tour château cave toit champ récolte verger pierre fer cuivre papier"),
		verb:    strings.Fields("porte suit mesure décrit répond change ouvre ferme trouve garde quitte fait bouge offre range peint passe lit répare montre commence arrête étudie enseigne touche tourne visite attend regarde écrit traverse rassemble construit compte couvre divise explique protège était étaient a avait sera devrait pourrait est sont"),
		prep:    strings.Fields("de dans à pour avec sur chez par depuis vers sous entre contre pendant sans avant après près derrière"),
		conj:    strings.Fields("et et mais ou parce que lorsque si donc que qui où"),
		adv:     strings.Fields("souvent jamais toujours lentement vite doucement rarement presque peut-être encore déjà ensemble vraiment là ici maintenant alors pas aussi très"),
		opening: strings.Fields("cependant il elle nous vous ils elles on personne chacun aujourd'hui hier ensuite"),
	}
}

func spanish() language {
	return language{
		code: "es", name: "Español", contents: "Contenido", previous: "Página anterior", next: "Página siguiente",
		det:     strings.Fields("el el la la los las un una unos este esta cada nuestro su ningún otro del al"),
		adj:     strings.Fields("viejo nuevo lento tranquilo ancho estrecho claro pesado ligero temprano tardío raro sencillo útil vacío lleno profundo cálido frío extraño honesto paciente moderno dorado oculto abierto público pequeño grande hermoso bueno largo corto"),
		noun:    strings.Fields("río puente puerto mercado biblioteca jardín motor máquina carta número medida obrero maestro campesino marinero pueblo montaña valle bosque isla cocina ventana vela botella cesta espejo manta martillo escalera carro estación viaje invierno verano otoño primavera mañana noche pregunta respuesta razón método resultado historia capítulo frase lengua ciencia tiempo sombra color dibujo superficie frontera consejo calle esquina torre castillo sótano techo campo cosecha huerto piedra hierro cobre papel"),
		verb:    strings.Fields("lleva sigue mide describe responde cambia abre cierra encuentra guarda deja hace mueve ofrece ordena pinta pasa lee repara muestra empieza detiene estudia enseña toca gira visita espera mira escribe cruza reúne construye cuenta cubre divide explica protege era eran ha había será debería podría es son está"),
		prep:    strings.Fields("de en a para con sobre por desde hacia bajo entre contra durante sin ante tras hasta según"),
		conj:    strings.Fields("y y pero o porque mientras aunque cuando si pues que donde"),
		adv:     strings.Fields("siempre nunca despacio pronto raramente casi quizás otra ya juntos realmente allí aquí ahora entonces no también muy más"),
		opening: strings.Fields("ella él nosotros ustedes ellos nadie todos hoy ayer después además"),
	}
}

func italian() language {
	return language{
		code: "it", name: "Italiano", contents: "Indice", previous: "Pagina precedente", next: "Pagina seguente",
		det:     strings.Fields("il il la la lo gli le i un una uno questo questa ogni nostro loro suo nessun della del nella"),
		adj:     strings.Fields("vecchio nuovo lento tranquillo largo stretto chiaro pesante leggero raro semplice utile vuoto pieno profondo caldo freddo strano onesto paziente moderno dorato nascosto aperto pubblico piccolo grande bello buono lungo breve"),
		noun:    strings.Fields("fiume ponte porto mercato biblioteca giardino motore macchina lettera numero misura operaio maestro contadino marinaio villaggio montagna valle bosco isola cucina finestra candela bottiglia cesto specchio coperta martello scala carro stazione viaggio inverno estate autunno primavera mattino sera domanda risposta ragione metodo risultato storia capitolo frase lingua scienza tempo ombra colore disegno superficie confine consiglio strada angolo torre castello cantina tetto campo raccolto frutteto pietra ferro rame carta"),
		verb:    strings.Fields("porta segue misura descrive risponde cambia apre chiude trova tiene lascia fa muove offre ordina dipinge passa legge ripara mostra comincia ferma studia insegna tocca gira visita aspetta guarda scrive attraversa raccoglie costruisce conta copre divide spiega protegge era erano ha aveva sarà dovrebbe potrebbe è sono"),
		prep:    strings.Fields("di in a per con su da verso sotto tra contro durante senza prima dopo vicino dietro oltre lungo"),
		conj:    strings.Fields("e e ma o perché mentre quando se quindi che dove anche"),
		adv:     strings.Fields("spesso mai sempre lentamente presto raramente quasi forse ancora già insieme davvero là qui adesso allora non anche molto più"),
		opening: strings.Fields("tuttavia lui lei noi voi essi nessuno ognuno oggi ieri poi infatti"),
	}
}

func dutch() language {
	return language{
		code: "nl", name: "Nederlands", contents: "Inhoud", previous: "Vorige bladzijde", next: "Volgende bladzijde",
		det:     strings.Fields("de de de het het een een deze dit elke ieder onze hun zijn haar geen"),
		adj:     strings.Fields("oude nieuwe langzame rustige brede smalle heldere zware lichte vroege late zeldzame eenvoudige noordelijke nuttige lege volle diepe warme koude vreemde eerlijke geduldige verborgen open kleine grote mooie goede lange korte"),
		noun:    strings.Fields("rivier brug haven markt bibliotheek tuin machine brief getal meting arbeider leraar boer zeeman dorp berg dal woud eiland keuken venster kaars fles mand spiegel deken hamer ladder wagen spoorweg reis winter zomer herfst lente ochtend avond vraag antwoord reden uitkomst geschiedenis hoofdstuk zin taal wetenschap weer schaduw kleur patroon oppervlak grens straat hoek toren kasteel kelder dak veld oogst boomgaard steen ijzer koper papier sleutel woordenboek"),
		verb:    strings.Fields("draagt volgt meet beschrijft beantwoordt verandert opent sluit vindt houdt verlaat maakt beweegt biedt ordent schildert leest herstelt toont begint leert raakt draait bezoekt wacht schrijft kruist verzamelt bouwt telt bedekt verdeelt verklaart beschermt was waren heeft had wordt zou kan is zijn"),
		prep:    strings.Fields("van in naar voor met op aan bij uit over door onder tussen tegen tijdens zonder na naast achter langs"),
		conj:    strings.Fields("en en maar of omdat terwijl hoewel als zodat dat want"),
		adv:     strings.Fields("vaak nooit altijd langzaam snel zacht zelden meestal bijna misschien weer al samen werkelijk daar hier nu dan niet ook nog"),
		opening: strings.Fields("echter daar het zij wij jullie hij niemand iedereen vandaag gisteren later"),
	}
}
